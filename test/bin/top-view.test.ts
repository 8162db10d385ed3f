import test from 'ava';
import { topView } from '../../src/bin/top-view.js';
import { clusterLive } from '../../src/core/cluster-live.js';
import { sampleOf } from '../adapters/fake-live.js';

const plain = (text: string): string => text;
const style = { bold: plain, dim: plain, good: plain, warning: plain, bad: plain };

function shown(...samples: readonly Parameters<typeof sampleOf>[1][]): string {
  const watched = samples.map((fields, index) => ({
    address: `127.0.0.1:${7401 + index}`,
    node: `n${index + 1}`,
    sample: fields === undefined ? undefined : sampleOf(1, { node: `n${index + 1}`, ...fields }),
  }));
  return topView(clusterLive(watched), style).join('\n');
}

test('the essentials are there: policy, nodes, links, levels, and what they would have given', (t) => {
  const text = shown({});
  t.regex(text, /^test {2}policy PA\/EL \(epoch 2, settled\), default level ONE, conflicts 1 \(\+1\)/);
  t.regex(text, /n1 +127\.0\.0\.1:7401 +ready +1 s +3 +7 +n2 50\.0 % +5\n/);
  t.regex(text, /hints {2}n1 for n3: 7 \(700 B\)/);
  t.regex(text, /QUORUM +reads +0 .* UNAVAILABLE 1\n/);
  t.regex(text, /What every level would have given {2}1\.00 % of the requests of the last 30 s: 1 reads, 1 writes/);
  t.regex(text, /ONE +1\.\d\d ms \/ 1\.\d\d ms +0 % +100 % +2\.0 +30 \(max 30\)/);
  t.regex(text, /ALL +- +100 % +- /);
  t.regex(text, /ONE at n1 +5\.\d\d ms/);
});

test('links are a table of who hears whom, and a silent node is shown as such', (t) => {
  const text = shown({}, undefined, undefined);
  t.regex(text, /n2 +127\.0\.0\.1:7402 +silent/);
  t.regex(text, /from +to n1 +to n2 +to n3\n/);
  t.regex(text, /n1 +alive 0\.50 ms +dead phi -/);
});

test('a policy that is being settled says how far it is', (t) => {
  const policy = { policy: 'PC/EC', epoch: 3, settled: false, settlingProgress: 0.25, defaultLevel: 'QUORUM' } as const;
  t.regex(shown({ policy }), /policy PC\/EC \(epoch 3, settling, 25\.0 % done here\)/);
});

test('where nothing is sampled that is said, and where nobody answers, too', (t) => {
  const { counterfactual } = sampleOf(1);
  t.regex(shown({ counterfactual: { ...counterfactual, share: 0 } }), /not sampled in this cluster/);
  t.regex(shown(undefined), /no node answers/);
});
