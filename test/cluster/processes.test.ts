import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { logTail, openLog } from '../../cluster/node-log.js';
import { pauseProcess, resumeProcess } from '../../cluster/pause.js';
import { processStart, processState } from '../../cluster/process-state.js';
import { removeRunFile, runningNode, writeRunFile } from '../../cluster/run-file.js';

async function folder(t: { teardown: (run: () => Promise<void>) => void }): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'fulcrum-test-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
}

const run = { node: 'n1', incarnation: '00000000000000ab', address: '127.0.0.1:1', http: '127.0.0.1:2' };

test('a process runs, is paused, goes on, and is gone', async (t) => {
  const child = spawn('sleep', ['60']);
  const pid = child.pid!;
  t.is(processState(pid), 'running');
  await pauseProcess(pid);
  t.is(processState(pid), 'stopped');
  await resumeProcess(pid);
  t.is(processState(pid), 'running');
  child.kill('SIGKILL');
  await once(child, 'exit');
  t.is(processState(pid), 'gone');
  t.is(processStart(pid), undefined);
});

test('the run file of a process that runs is found, until it is removed', async (t) => {
  const path = await folder(t);
  t.is(runningNode(path), undefined);
  await writeRunFile(path, run);
  t.is(runningNode(path)?.pid, process.pid);
  t.is(runningNode(path)?.incarnation, run.incarnation);
  await removeRunFile(path);
  t.is(runningNode(path), undefined);
});

test('a run file whose pid now belongs to another process is stale', async (t) => {
  const path = await folder(t);
  const other = { ...run, pid: process.pid, start: 'an earlier time' };
  await writeFile(join(path, 'run.json'), JSON.stringify(other));
  t.is(runningNode(path), undefined);
});

test('a run file that is damaged counts as none', async (t) => {
  const path = await folder(t);
  for (const content of ['', 'null', '{"pid":', '{"pid":"1","start":"x"}']) {
    await writeFile(join(path, 'run.json'), content);
    t.is(runningNode(path), undefined, content);
  }
});

test('the tail of a log is its last lines, JSON made readable', async (t) => {
  const path = await folder(t);
  t.deepEqual(logTail(path), []);
  closeSync(openLog(path));
  const json = {
    level: 'error',
    time: '2026-01-01T00:00:00Z',
    msg: 'The node failed',
    error: { message: 'disk full' },
  };
  await writeFile(join(path, 'node.log'), `first\nsecond\n${JSON.stringify(json)}\n`);
  t.deepEqual(logTail(path, 2), ['second', '2026-01-01T00:00:00Z error The node failed: disk full']);
});
