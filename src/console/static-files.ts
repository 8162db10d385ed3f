/** The files of the page: a fixed list, read once. Nothing else on the disk can be asked for. */
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface StaticFile {
  readonly type: string;
  readonly body: Buffer;
}

/** Written by hand and shipped as they are; this file runs from dist/src/console. */
const SOURCES = fileURLToPath(new URL('../../../src/console/page/', import.meta.url));
/** What the compiler made of the page's modules. */
const BUILT = fileURLToPath(new URL('./page/', import.meta.url));

const HTML = 'text/html; charset=utf-8';
const CSS = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';
const SVG = 'image/svg+xml';

export async function readStaticFiles(): Promise<ReadonlyMap<string, StaticFile>> {
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot'));
  const modules = (await readdir(BUILT)).filter((name) => name.endsWith('.js'));
  const files: [path: string, type: string, file: string][] = [
    ['/', HTML, join(SOURCES, 'index.html')],
    ['/style.css', CSS, join(SOURCES, 'style.css')],
    ['/icon.svg', SVG, join(SOURCES, 'icon.svg')],
    ['/uplot.js', SCRIPT, join(uplot, 'uPlot.iife.min.js')],
    ['/uplot.css', CSS, join(uplot, 'uPlot.min.css')],
    ...modules.map((name): [string, string, string] => [`/page/${name}`, SCRIPT, join(BUILT, name)]),
  ];
  const read = files.map(async ([path, type, file]) => [path, { type, body: await readFile(file) }] as const);
  return new Map(await Promise.all(read));
}

/** Nothing from elsewhere, nothing inline, in nobody's frame. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};
