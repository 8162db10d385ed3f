/** `npm run example session-store`: runs one of the programs of examples/, after preparing the checkout. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare } from './prepare.mjs';
import { root } from './root.mjs';

const names = readdirSync(join(root, 'examples'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => basename(file, '.ts'));
const [asked = ''] = process.argv.splice(2, 1);
const name = basename(asked).replace(/\.(ts|js)$/, '');
if (names.includes(name)) {
  prepare();
  await import(pathToFileURL(join(root, 'dist', 'examples', `${name}.js`)).href);
} else {
  console.error(`Name one of the examples: npm run example ${names.join(' | ')}`);
  process.exitCode = 2;
}
