/** One batch of equal requests to a model, at one operating point of the devices that serve it. */
export interface ServiceRequest {
  /** Device by its catalogue name, such as `A100` or `V100-SXM2-32GB`. */
  readonly device: string;
  /** Core clock, MHz. */
  readonly clockMhz: number;
  /** Requests served together, from 1. */
  readonly batch: number;
  /**
   * What each request asks for: denoising steps of an image, or tokens of a text, to be run through or generated; where
   * tokens are generated, `promptTokens` (default: what the model assumes) are run through before.
   */
  readonly work: { readonly steps: number } | { readonly tokens: number; readonly promptTokens?: number };
}

/** What serving a request costs. */
export interface ServiceCost {
  /** From the batch's start until its requests are answered, without queueing. */
  readonly seconds: number;
  /** Energy of one request at the devices' plugs: the batch's energy over its requests, cooling not included. */
  readonly joules: number;
  /** Held on each device while the batch runs, weights included. */
  readonly memoryBytes: number;
}

/**
 * How much time, energy and memory a model takes to serve, as a function of device, clock, batch and work. Image models
 * and text models have the same type, so that a fleet can schedule either.
 */
export interface ServiceProfile {
  readonly name: string;
  /** Devices that one batch occupies. */
  readonly devices: number;
  /** Throws InputError for a device, clock, batch or kind of work that the profile does not know. */
  cost(request: ServiceRequest): ServiceCost;
}
