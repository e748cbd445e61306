/** A box of real vectors, as Gymnasium's Box. `low` and `high` have one value per component. */
export interface BoxSpace {
  readonly size: number;
  readonly low: Float32Array;
  readonly high: Float32Array;
}

export interface ResetOptions {
  /** Restarts the environment's random streams; without it they go on. */
  seed?: number;
  /** What the environment can be told about the next episode, such as its day. */
  options?: Readonly<Record<string, unknown>>;
}

/**
 * One transition. `terminated`: the task itself ended (its value afterwards is zero). `truncated`: only the recording
 * ended, as at the end of a day (its value afterwards is to be bootstrapped).
 */
export interface Step<Info> {
  readonly observation: Float32Array;
  readonly reward: number;
  readonly terminated: boolean;
  readonly truncated: boolean;
  readonly info: Info;
}

/**
 * An environment after Gymnasium. The observation returned is the environment's own buffer, overwritten by the next
 * call: copy what you keep.
 */
export interface Environment<Info = unknown> {
  readonly observationSpace: BoxSpace;
  readonly actionSpace: BoxSpace;
  reset(options?: ResetOptions): { observation: Float32Array; info: Info };
  /** Throws if called before `reset`, after the end of an episode, or with an action of the wrong size or not finite. */
  step(action: Float32Array): Step<Info>;
}
