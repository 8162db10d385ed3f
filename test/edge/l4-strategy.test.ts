import test from 'ava';
import fc from 'fast-check';
import { L4_STRATEGIES, pickNode, type L4Candidate, type L4Draw } from '../../src/edge/l4-strategy.js';

const node = (place: number, connections = 0): L4Candidate => ({ name: `n${place + 1}`, place, connections });
const draw = (given: Partial<L4Draw> = {}): L4Draw => ({ lastPlace: -1, source: 'a', random: () => 0, ...given });

/** Some nodes are out: the places have gaps. */
const candidates = fc
  .uniqueArray(fc.nat(20), { minLength: 1, maxLength: 8 })
  .chain((places) =>
    fc.tuple(...places.sort((a, b) => a - b).map((place) => fc.nat(5).map((connections) => node(place, connections)))),
  );
const draws = fc.record({
  lastPlace: fc.integer({ min: -1, max: 20 }),
  source: fc.string(),
  random: fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
});
const drawOf = ({
  lastPlace,
  source,
  random,
}: {
  lastPlace: number;
  source: string;
  random: Iterator<number>;
}): L4Draw => ({
  lastPlace,
  source,
  random: () => random.next().value as number,
});

for (const strategy of L4_STRATEGIES) {
  test(`${strategy} picks one of the candidates, and none where there are none`, (t) => {
    t.is(pickNode(strategy, [], draw()), undefined);
    fc.assert(fc.property(candidates, draws, (all, one) => all.includes(pickNode(strategy, all, drawOf(one))!)));
    t.pass();
  });
}

test('least-connections never picks a node that has more than another', (t) => {
  fc.assert(
    fc.property(candidates, draws, (all, one) => {
      const picked = pickNode('least-connections', all, drawOf(one))!;
      return all.every(({ connections }) => picked.connections <= connections);
    }),
  );
  t.pass();
});

test('power-of-two picks the only node with the most connections never, where the others have fewer', (t) => {
  fc.assert(
    fc.property(candidates, draws, (all, one) => {
      const most = Math.max(...all.map(({ connections }) => connections));
      const holders = all.filter(({ connections }) => connections === most);
      fc.pre(all.length > 1 && holders.length === 1);
      return pickNode('power-of-two', all, drawOf(one)) !== holders[0];
    }),
  );
  t.pass();
});

test('power-of-two can pick any node', (t) => {
  const all = [node(0), node(1), node(2)];
  const picked = [0, 0.4, 0.9].map((at) => pickNode('power-of-two', all, draw({ random: () => at }))!.place);
  t.deepEqual(picked, [0, 1, 2]);
});

for (const strategy of ['least-connections', 'round-robin'] as const) {
  test(`${strategy} gives as many connections to each of equal nodes`, (t) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 5 }), (count, rounds) => {
        const given = new Array<number>(count).fill(0);
        let lastPlace = -1;
        for (let turn = 0; turn < count * rounds; turn += 1) {
          const all = given.map((connections, place) => node(place, connections));
          lastPlace = pickNode(strategy, all, draw({ lastPlace }))!.place;
          given[lastPlace]! += 1;
        }
        return given.every((connections) => connections === rounds);
      }),
    );
    t.pass();
  });
}

test('round-robin goes on behind a node that is out', (t) => {
  const all = [node(0), node(2)];
  t.is(pickNode('round-robin', all, draw({ lastPlace: 0 }))!.place, 2);
  t.is(pickNode('round-robin', all, draw({ lastPlace: 1 }))!.place, 2);
  t.is(pickNode('round-robin', all, draw({ lastPlace: 2 }))!.place, 0);
});

test('source-hash gives a host the same node while that is there; when one goes, only its own hosts move', (t) => {
  fc.assert(
    fc.property(candidates, fc.string(), fc.nat(), draws, (all, source, out, other) => {
      const pick = (from: readonly L4Candidate[]): L4Candidate | undefined =>
        pickNode('source-hash', from, { ...drawOf(other), source });
      const before = pick(all)!;
      const gone = all[out % all.length]!;
      const after = pick(all.filter((one) => one !== gone));
      return pick(all) === before && (gone === before || after === before);
    }),
  );
  t.pass();
});

test('source-hash spreads hosts over the nodes', (t) => {
  const all = [node(0), node(1), node(2)];
  const counts = [0, 0, 0];
  for (let host = 0; host < 300; host += 1) {
    counts[pickNode('source-hash', all, draw({ source: `10.0.0.${host}` }))!.place]! += 1;
  }
  t.true(Math.min(...counts) > 50, counts.join(' '));
});
