import test from 'ava';
import { startCluster } from '../../cluster/index.js';
import { pagingLines, pagingSvg } from '../../bench/paging-chart.js';
import { measurePaging, type PagingResult } from '../../bench/paging.js';

const RESULT: PagingResult = {
  items: 1_000,
  pageItems: 50,
  costs: [
    { depth: 0, medianMs: { offset: 2, cursor: 2 } },
    { depth: 950, medianMs: { offset: 40, cursor: 2 } },
  ],
  underWrites: {
    offset: { keys: 80, seenTwice: 3, neverSeen: 5 },
    cursor: { keys: 80, seenTwice: 0, neverSeen: 0 },
  },
};

test('pages are measured at every depth; cursors miss nothing under writes, offsets do', async (t) => {
  await using cluster = await startCluster({ nodes: 1 });
  const { costs, underWrites } = await measurePaging(await cluster.connect(), { items: 4_000, depths: 3, runs: 1 });
  t.deepEqual(
    costs.map(({ depth }) => depth),
    [0, 1975, 3950],
  );
  t.true(costs.every(({ medianMs }) => medianMs.offset > 0 && medianMs.cursor > 0));
  t.deepEqual(underWrites.cursor, { keys: 320, seenTwice: 0, neverSeen: 0 });
  t.true(underWrites.offset.seenTwice > 0);
  t.true(underWrites.offset.neverSeen > 0);
});

test('the cost is drawn against the depth, as text and as SVG', (t) => {
  const lines = pagingLines(RESULT);
  t.regex(lines.join('\n'), /^ {4}950 {2}offset {2}#{40} 40\.0 ms$/m);
  t.regex(lines.join('\n'), /^ {4}950 {2}cursor {2}={2} 2\.0 ms$/m);
  t.regex(lines.join('\n'), /offset: of 80 keys that were there throughout, 3 seen twice, 5 never/);
  const svg = pagingSvg(RESULT);
  t.is(svg.match(/<polyline/g)?.length, 2);
  t.regex(svg, /points="60\.0,305\.0 550\.0,20\.0"/);
});
