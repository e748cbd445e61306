import { createRequire } from 'node:module';

/** The version of this package, whatever project it runs in. */
export function packageVersion(): string {
  const { version } = createRequire(import.meta.url)('#package') as { version: string };
  return version;
}
