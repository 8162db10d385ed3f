/** The edge cache as a picture: one page, made anew every few seconds, with no script and nothing from elsewhere. */
import type { NearCache } from '../client/near-cache.js';
import { SLICE_MS, type AgeBand, type CacheReport, type Counts, type Quantiles } from './cache-analytics.js';
import { bytesText } from './bytes-text.js';
import type { Freshness } from './freshness.js';
import type { HotKey } from './hot-keys.js';

/** Nothing but what is in the page itself. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

const REFRESH_SECONDS = 2;
const [WIDTH, HEIGHT] = [900, 160];

const STYLE = `
:root { color-scheme: light dark; --given: #2a9d8f; --validated: #e9c46a; --fetched: #6d8ec7; --failed: #d1495b; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin-top: 2rem; }
dl { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; } dt { opacity: 0.7; } dd { margin: 0; font-size: 1.6rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: 0.2rem 0.8rem 0.2rem 0; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; } tr { border-bottom: 1px solid #8884; }
svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: currentColor; } .key { overflow-wrap: anywhere; }
.given { fill: var(--given); } .validated { fill: var(--validated); } .fetched { fill: var(--fetched); } .failed { fill: var(--failed); }
i { display: inline-block; width: 0.8em; height: 0.8em; margin: 0 0.3em 0 1em; }
i.given { background: var(--given); } i.validated { background: var(--validated); }
i.fetched { background: var(--fetched); } i.failed { background: var(--failed); }`;

export function cachePage(report: CacheReport, freshness: Freshness, cache: Pick<NearCache, 'stats'>): string {
  const { entries, bytes, evicted } = cache.stats;
  const figures: [string, string][] = [
    ['given without asking', percent(report.hitRatio)],
    ['the same by bytes', percent(report.byteHitRatio)],
    ['not sent by the cluster', bytesText(report.bytesSaved)],
    ['given, p50 / p99', latency(report.latency.given)],
    ['asked, p50 / p99', latency(report.latency.asked)],
    ['kept', `${entries} values, ${bytesText(bytes)}, ${evicted} evicted`],
  ];
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Fulcrum edge cache</title>
<meta http-equiv="refresh" content="${REFRESH_SECONDS}"><meta name="viewport" content="width=device-width">
<style>${STYLE}</style></head><body><h1>Edge cache</h1>
<p>${escaped(freshness.cacheControl)}. The same as numbers: <a href="/cache">/cache</a>, <a href="/metrics">/metrics</a>.</p>
<dl>${figures.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>
<h2>The last five minutes</h2>${timeline(report.timeline)}
<h2>What became of each read</h2>${outcomes(report.lookups)}
<h2>How often a value of that age had changed</h2><p>Of those that were asked for: what a longer max-age would have shown stale.</p>${ages(report.ages)}
<h2>Most read, by prefix</h2>${names(report.prefixes)}<h2>Most read keys</h2>${names(report.keys)}</body></html>
`;
}

const GROUPS: readonly { readonly name: string; readonly of: (counts: Counts) => number }[] = [
  { name: 'given', of: ({ hit, refreshing }) => hit + refreshing },
  { name: 'validated', of: ({ revalidated }) => revalidated },
  { name: 'fetched', of: ({ miss, changed, shared, bypass }) => miss + changed + shared + bypass },
  { name: 'failed', of: ({ failed, fallback }) => failed + fallback },
];

function timeline(slices: readonly Counts[]): string {
  const sums = slices.map((counts) => GROUPS.map(({ of }) => of(counts)));
  const most = Math.max(1, ...sums.map((parts) => parts.reduce((sum, part) => sum + part, 0)));
  const step = WIDTH / slices.length;
  const bars = sums.flatMap((parts, index) => {
    let bottom = HEIGHT;
    return parts.map((part, group) => {
      const height = (part / most) * HEIGHT;
      bottom -= height;
      return rectangle(GROUPS[group]!.name, index * step + 1, bottom, step - 2, height);
    });
  });
  const legend = GROUPS.map(({ name }) => `<i class="${name}"></i>${name}`).join('');
  const label = `Reads in the last five minutes; at most ${most} in ${SLICE_MS / 1_000} seconds`;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">${bars.join('')}<text x="4" y="12">${most} in ${SLICE_MS / 1_000} s</text></svg><p>${legend}</p>`;
}

function rectangle(name: string, x: number, y: number, width: number, height: number): string {
  if (height === 0) return '';
  const [left, top, high] = [x, y, height].map((value) => value.toFixed(1));
  return `<rect class="${name}" x="${left}" y="${top}" width="${width.toFixed(1)}" height="${high}"/>`;
}

const MEANINGS: Readonly<Record<keyof Counts, string>> = {
  hit: 'fresh: given at once',
  refreshing: 'too old: given at once, asked for again behind',
  shared: 'joined a question under way',
  revalidated: 'held: asked, unchanged, no value sent',
  changed: 'held: asked, another value',
  miss: 'not there: fetched',
  fallback: 'too old: given, the cluster could not answer',
  bypass: 'the request wanted nothing kept',
  failed: 'nothing to give',
};

function outcomes(counts: Counts): string {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const rows = (Object.keys(MEANINGS) as (keyof Counts)[]).map((name) => [
    cell(name),
    number(String(counts[name])),
    number(all === 0 ? '–' : percent(counts[name] / all)),
    cell(MEANINGS[name]),
  ]);
  return table([head('outcome'), headNumber('reads'), headNumber('share'), head('')], rows);
}

function ages(bands: readonly AgeBand[]): string {
  const rows = bands
    .filter(({ asked }) => asked > 0)
    .map(({ upToMs, asked, changed }) => [
      cell(upToMs === null ? 'older' : `up to ${duration(upToMs)}`),
      number(String(asked)),
      number(String(changed)),
      number(percent(changed / asked)),
    ]);
  return table([head('age'), headNumber('asked for'), headNumber('changed'), headNumber('share')], rows);
}

function names(keys: readonly HotKey[]): string {
  const rows = keys.map(({ name, count, error, given }) => [
    `<td class="key">${escaped(name)}</td>`,
    number(error === 0 ? String(count) : `${count - error} to ${count}`),
    number(percent(count === error ? 0 : given / (count - error))),
  ]);
  return table([head('name'), headNumber('reads'), headNumber('given without asking')], rows);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '<p>Nothing yet.</p>';
  return `<table><tr>${heads.join('')}</tr>${rows.map((cells) => `<tr>${cells.join('')}</tr>`).join('')}</table>`;
}

const head = (text: string): string => `<th>${text}</th>`;
const headNumber = (text: string): string => `<th class="n">${text}</th>`;
const cell = (text: string): string => `<td>${escaped(text)}</td>`;
const number = (text: string): string => `<td class="n">${escaped(text)}</td>`;

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function latency(quantiles: Quantiles | undefined): string {
  if (quantiles === undefined) return '–';
  const { p50Ms, p99Ms } = quantiles;
  return `${twoDigits(p50Ms)} / ${twoDigits(p99Ms)} ms`;
}

function twoDigits(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toPrecision(2);
}

function duration(milliseconds: number): string {
  return milliseconds < 1_000 ? `${milliseconds} ms` : `${milliseconds / 1_000} s`;
}

/** Keys are whatever their writers made them. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
