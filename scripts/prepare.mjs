/** Makes a checkout ready to run: installs and builds what is missing or stale. Runs before anything is installed. */
import { join } from 'node:path';
import { build, buildIsStale } from './build.mjs';
import { exclusively } from './exclusively.mjs';
import { install, installIsStale } from './install.mjs';
import { root } from './root.mjs';

const lockFile = join(root, 'dist', '.lock');

/** Installs when needed; throws when npm fails. */
export function prepareDependencies() {
  if (!installIsStale()) return;
  exclusively(lockFile, () => {
    if (!installIsStale()) return;
    say('installing dependencies (npm ci)');
    install();
  });
}

/** Builds when needed. False when the type check failed. */
export function prepareBuild() {
  if (!buildIsStale()) return true;
  return exclusively(lockFile, () => {
    if (!buildIsStale()) return true;
    say('building (tsc)');
    return build();
  });
}

/** Installs and builds when needed, reporting on standard error; throws when that fails. */
export function prepare() {
  prepareDependencies();
  if (!prepareBuild()) throw new Error('the build failed: see the messages above');
}

/** @param {string} text */
const say = (text) => process.stderr.write(`fulcrum: ${text}\n`);

if (process.argv[1] === import.meta.filename) prepare();
