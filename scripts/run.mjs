/** Runs a program of the checkout by its path in dist, after preparing the checkout: `node scripts/run.mjs bench/run.js` */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare } from './prepare.mjs';
import { root } from './root.mjs';

const [program] = process.argv.splice(2, 1);
if (program === undefined) throw new Error('name the program: its path below dist');
prepare();
await import(pathToFileURL(join(root, 'dist', program)).href);
