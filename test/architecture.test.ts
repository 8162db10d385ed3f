import { fileURLToPath } from 'node:url';
import test from 'ava';
import { deadFiles, importCycles } from './architecture/graph.js';
import { layerFaults } from './architecture/layers.js';
import { readSources, sourcesOf, type Sources } from './architecture/sources.js';
import { leftovers, longFiles, narrowedTests } from './architecture/tidy.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const everything = readSources(root, ['src', 'cluster', 'chaos', 'bench', 'examples', 'test']);
const product = only(everything, (path) => !path.startsWith('test/'));
const tests = only(everything, (path) => path.startsWith('test/'));

const programs = [
  'src/index.ts',
  'src/client/resilience/index.ts',
  'src/bin/cli.ts',
  'src/console/page/main.ts',
  'cluster/index.ts',
  'bench/run.ts',
  'chaos/pacelc/run.ts',
  'chaos/soak.ts',
  'chaos/index.ts',
  'examples/session-store.ts',
  'examples/rate-limited-api.ts',
  'examples/order-intake.ts',
  'examples/partition-test.ts',
];
/** Stands in for the disk where clusters are simulated; no program uses it. */
const standIns = ['src/adapters/memory-store.ts'];
const isProgram = (path: string): boolean => programs.includes(path) || standIns.includes(path);
const isHarness = (path: string): boolean => path.startsWith('chaos/') || path.startsWith('bench/');

function only(sources: Sources, matches: (path: string) => boolean): Sources {
  return new Map([...sources].filter(([path]) => matches(path)));
}

test('the checks look at the real sources', (t) => {
  for (const path of ['src/core/ring.ts', 'test/architecture.test.ts']) t.true(everything.has(path), path);
});

test('files import only what their layer allows', (t) => {
  t.deepEqual(layerFaults(product), []);
});

test('no files import each other, directly or through others', (t) => {
  t.deepEqual(importCycles(everything), []);
});

test('every file of the product is reached from an entry point', (t) => {
  t.deepEqual(
    deadFiles(product, isProgram).filter((path) => !isHarness(path)),
    [],
  );
});

test('every file of the chaos harness and the benchmarks is reached from a program or a test', (t) => {
  const dead = deadFiles(everything, (path) => isProgram(path) || path.startsWith('test/'));
  t.deepEqual(dead.filter(isHarness), []);
});

test('no file is longer than a file may be', (t) => {
  t.deepEqual(longFiles(everything), []);
});

test('no note in the sources says that work is left', (t) => {
  t.deepEqual(leftovers(everything), []);
});

test('no test is switched off, and none switches others off', (t) => {
  t.deepEqual(narrowedTests(tests), []);
});

test('the layer check reports an import of a higher layer', (t) => {
  const sources = sourcesOf({ 'src/core/ring.ts': `import { Replica } from '../node/replica.js';` });
  t.deepEqual(layerFaults(sources), ['src/core/ring.ts may not import ../node/replica.js']);
});

test('the layer check reports every form of import', (t) => {
  const forms = [
    `import '../node/replica.js';`,
    `import type { A } from '../node/replica.js';`,
    `export * from '../node/replica.js';`,
    `const a = await import('../node/replica.js');`,
    `let a: import('../node/replica.js').A;`,
    `const a = new URL('../node/replica.js', import.meta.url);`,
  ];
  for (const form of forms) t.is(layerFaults(sourcesOf({ 'src/client/a.ts': form })).length, 1, form);
});

test('the layer check reports built-ins where everything is passed in, and nowhere else', (t) => {
  const text = `import { readFile } from 'node:fs/promises';`;
  for (const layer of ['core', 'ports', 'node', 'client']) {
    t.is(layerFaults(sourcesOf({ [`src/${layer}/a.ts`]: text })).length, 1, layer);
  }
  t.deepEqual(layerFaults(sourcesOf({ 'src/adapters/a.ts': text, 'cluster/a.ts': text })), []);
});

test('the layer check reports a package outside the layer that may name it', (t) => {
  const text = `import { Level } from 'level'; import { status } from '@grpc/grpc-js';`;
  t.deepEqual(layerFaults(sourcesOf({ 'src/adapters/a.ts': text, 'test/a.ts': text })), []);
  t.is(layerFaults(sourcesOf({ 'src/node/a.ts': text })).length, 2);
  t.is(layerFaults(sourcesOf({ 'src/bin/a.ts': text })).length, 2);
});

test('the layer check lets the edge import types of the node layer, but not its code', (t) => {
  const types = `import type { A } from '../node/a.js'; import { type B } from '../node/a.js';`;
  t.deepEqual(layerFaults(sourcesOf({ 'src/edge/a.ts': types })), []);
  t.is(layerFaults(sourcesOf({ 'src/edge/a.ts': `import { type B, run } from '../node/a.js';` })).length, 1);
});

test('the layer check lets the cluster start the node process, but not import it', (t) => {
  const started = `new URL('../src/bin/node-process.js', import.meta.url);`;
  t.deepEqual(layerFaults(sourcesOf({ 'cluster/a.ts': started })), []);
  t.is(layerFaults(sourcesOf({ 'cluster/a.ts': `import '../src/bin/node-process.js';` })).length, 1);
});

test('the layer check reports a file that belongs to no layer', (t) => {
  t.deepEqual(layerFaults(sourcesOf({ 'src/misc/a.ts': '' })), ['src/misc/a.ts belongs to no layer']);
});

test('the cycle check reports a cycle through several files, and none where paths only meet again', (t) => {
  const chain = { 'a.ts': `import './b.js';`, 'b.ts': `import './c.js';`, 'c.ts': `import type { A } from './a.js';` };
  t.deepEqual(importCycles(sourcesOf(chain)), ['a.ts → b.ts → c.ts → a.ts']);
  const started = { 'a.ts': `import './b.js';`, 'b.ts': `new URL('./a.js', import.meta.url);` };
  t.deepEqual(importCycles(sourcesOf(started)), []);
  const diamond = { 'a.ts': `import './b.js'; import './c.js';`, 'b.ts': `import './c.js';`, 'c.ts': '' };
  t.deepEqual(importCycles(sourcesOf(diamond)), []);
});

test('the reachability check reports files that only dead files import', (t) => {
  const sources = sourcesOf({
    'index.ts': `export { a } from './a.js';`,
    'a.ts': `new URL('./started.js', import.meta.url);`,
    'started.ts': '',
    'dead.ts': `import './deader.js';`,
    'deader.ts': '',
  });
  const dead = deadFiles(sources, (path) => path === 'index.ts');
  t.deepEqual(dead, ['dead.ts', 'deader.ts']);
});

test('the length check counts lines up to the limit and no further', (t) => {
  t.deepEqual(longFiles(sourcesOf({ 'a.ts': 'x;\n'.repeat(330) })), []);
  t.deepEqual(longFiles(sourcesOf({ 'a.ts': 'x;\n'.repeat(331) })), ['a.ts has 331 lines, more than 330']);
});

test('the leftover check finds each word, but not inside other words', (t) => {
  for (const word of ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK']) {
    t.deepEqual(leftovers(sourcesOf({ 'a.ts': `x;\n// ${word}: later` })), [`a.ts:2 // ${word}: later`]);
  }
  t.deepEqual(leftovers(sourcesOf({ 'a.ts': 'const HACKATHON = 1;' })), []);
});

test('the narrowing check finds switched-off tests, and lets a condition choose', (t) => {
  for (const call of ['only', 'skip', 'serial.only', 'serial.skip', 'failing', 'todo']) {
    t.is(narrowedTests(sourcesOf({ 'a.test.ts': ['test', `${call}('x')`].join('.') })).length, 1, call);
  }
  const chosen = `const withChromium = found ? test : test.skip;\nwithChromium('x', (t) => t.pass());`;
  t.deepEqual(narrowedTests(sourcesOf({ 'a.test.ts': chosen })), []);
});
