/** The texts that the architecture checks look at. A check is a function of them, so examples can be given in memory. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Path from the checkout's root, with forward slashes, to the file's text. */
export type Sources = ReadonlyMap<string, string>;

export const sourcesOf = (texts: Readonly<Record<string, string>>): Sources => new Map(Object.entries(texts));

/** Every TypeScript file below those of the given folders that the checkout has. */
export function readSources(root: string, folders: readonly string[]): Sources {
  const present = folders.filter((folder) => existsSync(join(root, folder)));
  const paths = present.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
  );
  return new Map(paths.sort().map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}
