#!/usr/bin/env node
/** The `fulcrum` command. In a checkout it first installs and builds what is missing; then it runs the program. */
import { existsSync } from 'node:fs';

const program = new URL('../../dist/src/bin/cli.js', import.meta.url);
const preparation = new URL('../../scripts/prepare.mjs', import.meta.url);

const EXIT_USAGE = 2;
const EXIT_FAILED = 3;
const ECHO_MS = 250;

requireNode(20, 19);
if (existsSync(preparation)) await prepareCheckout();
if (process.env.npm_command !== undefined) ignoreSignalEchoes();
await import(program.href);

/** @param {number} major @param {number} minor */
function requireNode(major, minor) {
  const [ownMajor = 0, ownMinor = 0] = process.versions.node.split('.').map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  exit(EXIT_USAGE, `Node ${process.versions.node} is too old: Node ${major}.${minor} or newer is needed`);
}

async function prepareCheckout() {
  const { prepare } = await import(preparation.href);
  try {
    prepare();
  } catch (error) {
    exit(EXIT_FAILED, error instanceof Error ? error.message : String(error));
  }
}

/** @param {number} code @param {string} message @returns {never} */
function exit(code, message) {
  process.stderr.write(`fulcrum: ${message}\n`);
  process.exit(code);
}

/**
 * npm passes on a signal that the terminal has already sent to the whole process group, so one Ctrl-C arrives twice
 * and looks like an impatient second one. The same signal again within ECHO_MS is the echo, and is dropped.
 * (`exec` in the package's start script makes this process npm's direct child: only so do its exit code and a signal
 * sent to npm alone get through.)
 */
function ignoreSignalEchoes() {
  const emit = process.emit.bind(process);
  const holdOpen = () => undefined;
  /** @type {Set<string | symbol>} */
  const justSeen = new Set();
  /** @type {(event: any, ...values: any[]) => boolean} */
  const emitOnce = (event, ...values) => {
    if (event !== 'SIGINT' && event !== 'SIGTERM') return emit(event, ...values);
    if (justSeen.has(event)) return true;
    justSeen.add(event);
    // A program that listens once must not fall back to the default action, being killed, when the echo comes.
    process.on(event, holdOpen);
    setTimeout(() => {
      justSeen.delete(event);
      process.off(event, holdOpen);
    }, ECHO_MS).unref();
    return emit(event, ...values);
  };
  process.emit = /** @type {any} */ (emitOnce);
}
