import { FulcrumError, invalidArgument } from '../core/errors.js';

/** The value on the command line, or what standard input holds: text where it is valid UTF-8, else bytes. */
export async function givenValue(value: string | undefined): Promise<string | Uint8Array> {
  if (value !== undefined && value !== '-') return value;
  if (process.stdin.isTTY && value === undefined) {
    throw new FulcrumError(invalidArgument('There is no value: give one after the key, or pipe it in.'));
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new Uint8Array(bytes);
  }
}
