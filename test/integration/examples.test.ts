/** The programs of examples/, run as a reader runs them. */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const FOLDER = fileURLToPath(new URL('../../examples/', import.meta.url));
const PATIENCE_MS = 240_000;

/** What each of them is there to show. */
const SHOWN: Readonly<Record<string, readonly RegExp[]>> = {
  'session-store': [
    /without a session [1-9]\d* of 60/,
    /with the session's token in the cookie \(\d+ characters\) 0 did not/,
    /is gone by itself/,
  ],
  'rate-limited-api': [/40 calls through both .*: 1\d answered, \d+ told to slow down/, /not held up: 200/],
  'order-intake': [
    /20 orders were taken, each once/,
    /order-0\? applied/,
    /\(fallback, [\d.]+ s old, eventual\)/,
    /closed → open/,
    /\(cache, [\d.]+ s old, eventual\) after .* nobody was asked/,
    /run again: .* linearizable/,
    /near cache:/,
  ],
  'partition-test': [/n1 refuses/, /n2 and n3 go on, linearizable/, /linearizab\w+ +valid/, /nothing was made up/],
};

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function run(program: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'], timeout: PATIENCE_MS });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

const programs = readdirSync(FOLDER).filter((name) => name.endsWith('.js'));

test('every example says what it is to show', (t) => {
  t.deepEqual(programs.map((name) => basename(name, '.js')).sort(), Object.keys(SHOWN).sort());
});

for (const name of Object.keys(SHOWN)) {
  test.serial(`${name} runs to its end and shows what it is for`, async (t) => {
    t.timeout(PATIENCE_MS + 10_000);
    const { code, output } = await run(`${FOLDER}${name}.js`);
    t.is(code, 0, output);
    for (const shown of SHOWN[name]!) t.regex(output, shown);
  });
}
