import test from 'ava';
import { waitUntil } from '../../cluster/wait.js';
import { judge } from '../../src/bin/console/judge.js';
import { Canary } from '../../src/console/canary.js';
import type { Caller } from '../../src/console/ports.js';
import type { Guarantee } from '../../src/core/receipt.js';
import { receiptOf } from './scripted-cluster.js';

const WAIT_MS = 60_000;
const clock = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };

/** Callers of one register, or of one each, whose answers say this guarantee. */
function canaryOver(isShared: boolean, guarantee: Guarantee): Canary {
  const shared = { value: undefined as unknown };
  const caller = (node: string): Caller => {
    const register = isShared ? shared : { value: undefined as unknown };
    return {
      node,
      get: async () => {
        const version = register.value as string | undefined;
        return { value: register.value, version, receipt: receiptOf({ guarantee, version }) };
      },
      put: async (_, value) => {
        const version = String(value);
        register.value = value;
        return { version, receipt: receiptOf({ operation: 'put', guarantee, version }) };
      },
    };
  };
  return new Canary({ callers: ['n1', 'n2'].map(caller), judge, clock, random: Math.random });
}

async function judgedBy(canary: Canary, holds: () => boolean): Promise<boolean> {
  canary.start();
  const isSo = await waitUntil(() => {
    canary.judge();
    return holds();
  }, WAIT_MS);
  canary.stop();
  return isSo;
}

test('one register is found linearizable', async (t) => {
  const canary = canaryOver(true, 'linearizable');
  t.true(await judgedBy(canary, () => canary.view().vouched >= 20));
  t.like(canary.view(), { claims: 'valid', plain: 'valid', failed: 0 });
});

test('two registers that are called linearizable are found out', async (t) => {
  const canary = canaryOver(false, 'linearizable');
  t.true(await judgedBy(canary, () => canary.view().claims === 'invalid'));
  t.truthy(canary.view().explanation);
});

test('two registers that are called eventual keep their word, and are shown not to be one', async (t) => {
  const canary = canaryOver(false, 'eventual');
  t.true(await judgedBy(canary, () => canary.view().plain === 'invalid'));
  t.is(canary.view().claims, 'idle');
});
