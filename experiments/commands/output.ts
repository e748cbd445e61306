/** Where a command says its results. */
export interface Output {
  /** Results for people. */
  say(text: string): void;
  /** The one JSON document. */
  document(value: unknown): void;
}
