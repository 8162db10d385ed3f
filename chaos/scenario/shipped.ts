/** The scenarios that come with the package, and those that a user wrote. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FulcrumError, invalidArgument } from '../../src/core/errors.js';
import { parseScenario } from './parse.js';
import type { Scenario } from './scenario.js';

/** From the place of this file in the build. */
const FOLDER = fileURLToPath(new URL('../../../chaos/scenarios/', import.meta.url));
const ENDING = '.scenario';

export async function shippedScenarios(): Promise<Scenario[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith(ENDING)).sort();
  return Promise.all(files.map((file) => readScenario(join(FOLDER, file))));
}

/** By the name of a shipped one, or by the path of a file. Throws INVALID_ARGUMENT. */
export async function findScenario(nameOrPath: string): Promise<Scenario> {
  if (nameOrPath.includes('/') || nameOrPath.endsWith(ENDING)) return readScenario(nameOrPath);
  const shipped = await shippedScenarios();
  const found = shipped.find(({ name }) => name === nameOrPath);
  if (found !== undefined) return found;
  const known = shipped.map(({ name }) => name).join(', ');
  throw new FulcrumError(
    invalidArgument(`There is no scenario ${JSON.stringify(nameOrPath)}, only ${known}; or name a file of your own.`),
  );
}

async function readScenario(path: string): Promise<Scenario> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FulcrumError(invalidArgument(`The scenario cannot be read: ${reason}`), { cause });
  }
  return parseScenario(basename(path, ENDING), text, path);
}
