import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

/** @typedef {Record<string, { version?: string, link?: boolean, optional?: boolean, peer?: boolean }>} Packages */

/** Whether node_modules lacks, or holds another version of, something that package-lock.json names. */
export function installIsStale() {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const installed = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  return Object.entries(wanted).some(
    ([path, { version, optional, peer }]) =>
      path !== '' && (installed[path] === undefined ? !optional && !peer : installed[path].version !== version),
  );
}

/** Installs exactly what package-lock.json names; throws when npm fails. */
export function install() {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const options = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync(npm, ['ci', ...options], {
    cwd: root,
    env: installEnv(),
    stdio: ['ignore', 2, 2],
  });
  if (error) throw new Error('npm could not be started', { cause: error });
  if (status !== 0) throw new Error(`npm ci failed (exit code ${status ?? 'none'})`);
}

/** The environment without settings of an outer npm command (`npm pack --dry-run`, `npx`) that would change `npm ci`. */
function installEnv() {
  const outer = ['npm_config_dry_run', 'npm_config_global', 'npm_config_json', 'npm_config_package_lock_only'];
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.includes(name.toLowerCase())));
}

/** @param {string} lockFile @returns {Packages} */
function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages ?? {};
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      return {};
    throw error;
  }
}
