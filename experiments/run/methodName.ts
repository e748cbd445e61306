/** The part of an experiment's configuration that names its method. */
interface Method {
  readonly agent: { readonly kind: string };
  readonly shaping: { readonly kind: string };
}

/** How figures and tables call the method of a run: its agent and its shaping. */
export const methodName = ({ agent, shaping }: Method): string =>
  `${agent.kind}, ${shaping.kind === 'none' ? 'no' : shaping.kind} shaping`;
