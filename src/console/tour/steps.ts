/** The guided tour: six steps, each performed on the real cluster. What it says beyond the leads is what happened. */
import { setTimeout as sleep } from 'node:timers/promises';
import { FulcrumError } from '../../core/errors.js';
import { LEVELS } from '../../core/level.js';
import type { Receipt } from '../../core/receipt.js';
import { KEY_TTL_MS } from '../load-generator.js';
import {
  attempt,
  costsOf,
  fact,
  keyHeldBy,
  milliseconds,
  quoted,
  timed,
  until,
  untilWhole,
  warning,
} from './measuring.js';
import type { TourFact, TourNotes, TourStage, TourStep } from './stage.js';

/** Between the writes of the two sides. */
const BETWEEN_SIDES_MS = 600;

/** The node that is cut off, and one on the other side. */
function sidesOf({ nodes }: TourStage): { readonly alone: string; readonly other: string; readonly others: string } {
  const [alone, other, ...rest] = nodes as [string, string, ...string[]];
  return { alone, other, others: [other, ...rest].join(', ') };
}

const healthy: TourStep = {
  title: 'A healthy cluster',
  lead: 'Every key has its copies on several nodes. Under PC/EC a call at QUORUM waits until a majority of them agrees, and its receipt says so. Any node can be asked.',
  async perform(stage, notes) {
    await stage.heal();
    if ((await stage.operator.policy()).policy !== 'PC/EC') await stage.changePolicy('PC/EC');
    const key = await keyHeldBy(stage, sidesOf(stage).alone, notes);
    await untilWhole(stage, key);
    const { putMs, getMs, guarantees } = await costsOf(stage, 'QUORUM');
    const { value: read } = await timed(stage, () => stage.caller(stage.nodes.at(-1)!).get(key, { level: 'QUORUM' }));
    return [
      fact(
        `At QUORUM a write takes ${milliseconds(putMs)} and a read ${milliseconds(getMs)} (medians over all nodes).`,
        {
          putMs,
          getMs,
        },
      ),
      fact(`Every receipt says: ${guarantees.join(', ')}.`, { guarantees: guarantees.join(',') }),
      fact(`${stage.nodes.at(-1)!} shows ${quoted(read.value)}: ${agreement(read.receipt)}.`),
    ];
  },
};

const less: TourStep = {
  title: 'Ask for less',
  lead: 'A caller may ask for less, and pays less: ONE is content with one durable copy. ALL waits for the slowest. The receipt never claims more than was paid for.',
  async perform(stage) {
    const facts: TourFact[] = [];
    for (const level of LEVELS) {
      const { putMs, getMs, guarantees } = await costsOf(stage, level);
      const text = `${level.padEnd(6)}  write ${milliseconds(putMs)}, read ${milliseconds(getMs)}: ${guarantees.join(', ')}.`;
      facts.push(fact(text, { level, putMs, getMs, guarantees: guarantees.join(',') }));
    }
    return facts;
  },
};

const cutUnderPc: TourStep = {
  title: 'Cut the network under PC',
  lead: 'One node is cut off from the others. Under PC, consistency comes first: the side without a majority refuses at once, for certain, and says who is missing. The other side goes on.',
  async perform(stage, notes) {
    const { alone, other, others } = sidesOf(stage);
    const key = await keyHeldBy(stage, alone, notes);
    await stage.drawApart([alone]);
    await until(stage, `${alone} notices that it is alone`, async () => {
      const read = await attempt(stage.caller(alone).get(key, { level: 'QUORUM' }));
      return read instanceof FulcrumError && read.code === 'UNAVAILABLE';
    });
    const put = (node: string, value: string) =>
      timed(stage, () => attempt(stage.caller(node).put(key, value, { level: 'QUORUM', ttlMs: KEY_TTL_MS })));
    const refused = await put(alone, `from ${alone}, alone`);
    const served = await put(other, `from ${others}, the majority`);
    const stale = await attempt(stage.caller(alone).get(key, { level: 'ONE', allowStale: true }));
    return [
      fact(`${alone} | ${others}: nothing passes between them.`),
      outcomeOf(`A write at ${alone}`, refused.value, refused.ms),
      outcomeOf(`A write at ${other}`, served.value, served.ms),
      ...(stale instanceof FulcrumError
        ? [outcomeOf(`A read at ${alone} that allows stale answers`, stale, 0)]
        : [
            warning(
              `A read at ${alone} that says allowStale is shown ${quoted(stale.value)}, and told: ${stale.receipt.guarantee}.`,
              { value: String(stale.value), guarantee: stale.receipt.guarantee },
            ),
          ]),
    ];
  },
};

const cutUnderPa: TourStep = {
  title: 'The same cut under PA',
  lead: 'Now the policy is PA/EC: availability comes first. Both sides serve. The side that cannot meet the level says degraded and eventual, because the other side may be writing too. It is.',
  async perform(stage, notes) {
    const { alone, other, others } = sidesOf(stage);
    const key = await keyHeldBy(stage, alone, notes);
    await stage.heal();
    await untilWhole(stage, key);
    await stage.changePolicy('PA/EC');
    await stage.drawApart([alone]);
    await until(stage, `${alone} serves alone`, async () => {
      const read = await attempt(stage.caller(alone).get(key, { level: 'QUORUM' }));
      return !(read instanceof FulcrumError) && read.receipt.degraded;
    });
    const sides = { alone: `written at ${alone}`, others: `written at ${other}` };
    const write = (node: string, value: string) =>
      timed(stage, () => attempt(stage.caller(node).put(key, value, { level: 'QUORUM', ttlMs: KEY_TTL_MS })));
    const first = await write(alone, sides.alone);
    // Further apart than clocks may be: the later one is the newer one by every clock.
    await sleep(BETWEEN_SIDES_MS);
    const second = await write(other, sides.others);
    notes.sides = sides;
    const [here, there] = await Promise.all(
      [alone, other].map((node) => attempt(stage.caller(node).get(key, { level: 'QUORUM' }))),
    );
    return [
      fact(`${alone} | ${others}: nothing passes between them. The policy is PA/EC.`),
      outcomeOf(`A write at ${alone}`, first.value, first.ms),
      outcomeOf(`A write at ${other}`, second.value, second.ms),
      warning(`Asked for the same key, ${alone} says ${valueOf(here)} and ${other} says ${valueOf(there)}.`, {
        alone: valueOf(here),
        other: valueOf(there),
      }),
    ];
  },
};

const heal: TourStep = {
  title: 'Heal the network',
  lead: 'The links are mended. The nodes compare what they hold and settle every key on the newest write, without being told to.',
  async perform(stage, notes) {
    const key = await keyHeldBy(stage, sidesOf(stage).alone, notes);
    const { ms, value: reads } = await timed(stage, async () => {
      await stage.heal();
      return untilWhole(stage, key);
    });
    const value = quoted(reads[0]?.value);
    return [fact(`After ${milliseconds(ms)} every node says ${value}.`, { ms, value })];
  },
};

const ledger: TourStep = {
  title: 'Read the ledger',
  lead: 'One of the two acknowledged writes had to lose. It is not lost without a trace: the conflict ledger lists it, with what took its place. Then the cluster goes back to PC/EC, behind a barrier that every node must pass.',
  async perform(stage, notes) {
    const facts = await listedConflicts(stage, notes);
    const { ms } = await timed(stage, () => stage.changePolicy('PC/EC'));
    const { alone } = sidesOf(stage);
    const key = await keyHeldBy(stage, alone, notes);
    await stage.caller(alone).put(key, 'written by everybody again', { level: 'QUORUM', ttlMs: KEY_TTL_MS });
    const { receipt } = await stage.caller(stage.nodes.at(-1)!).get(key, { level: 'QUORUM' });
    return [
      ...facts,
      fact(`Back to PC/EC in ${milliseconds(ms)}. A new write, read at QUORUM elsewhere: ${receipt.guarantee}.`, {
        ms,
        guarantee: receipt.guarantee,
      }),
    ];
  },
};

export const TOUR_STEPS: readonly TourStep[] = [healthy, less, cutUnderPc, cutUnderPa, heal, ledger];

const LEDGER_LIMIT = 1_000;

async function listedConflicts(stage: TourStage, { key, sides }: TourNotes): Promise<TourFact[]> {
  if (sides === undefined)
    return [fact('Nothing was written on two sides, so nothing is listed. Take the steps in order.')];
  const find = async () => (await stage.operator.conflicts(LEDGER_LIMIT)).conflicts.find((one) => one.key === key);
  let found = await find();
  await until(stage, 'the write that lost is in the ledger', async () => (found = await find()) !== undefined);
  const { lost, kept, certainty } = found!;
  return [warning(`${key!}: ${lost} lost to ${kept} (${certainty}).`, { key: key!, lost, kept, certainty })];
}

function outcomeOf(what: string, outcome: { readonly receipt: Receipt } | FulcrumError, ms: number): TourFact {
  if (outcome instanceof FulcrumError) {
    const { code, definite, missing = [] } = outcome;
    const meaning = definite ? 'certainly not done' : 'it may or may not have been done';
    const who = missing.length > 0 ? `; missing: ${missing.join(', ')}` : '';
    return warning(`${what} is refused after ${milliseconds(ms)}: ${code}, ${meaning}${who}.`, { code, definite, ms });
  }
  const { guarantee, degraded } = outcome.receipt;
  const text = `${what} is answered after ${milliseconds(ms)}: ${agreement(outcome.receipt)}.`;
  return fact(text, { guarantee, degraded, ms }, degraded);
}

function agreement({ guarantee, acks, required, degraded, replicas }: Receipt): string {
  const weak = degraded ? ', degraded' : '';
  return `${guarantee}${weak}, ${acks} of ${required} needed copies (${replicas.join(', ')})`;
}

function valueOf(read: { readonly value: unknown } | FulcrumError | undefined): string {
  return read instanceof FulcrumError ? read.code : quoted(read?.value);
}
