/** One file a section; its figures are merged into the one document. */
export interface Section {
  readonly name: string;
  run(): Promise<Record<string, unknown>>;
}
