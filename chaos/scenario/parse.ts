/**
 * Scenarios in words, one thing a line; what follows # is for readers.
 *
 *     title Split brain
 *     about One node is cut off from the other two, and then joined again.
 *     nodes 3
 *     replicas 3
 *     policy PC/EC PA/EL
 *     workload register counters
 *     seconds 60
 *     late n2
 *
 *     at 10s for 20s             partition n1 | n2 n3
 *     at 35s                     skew n2 +1h
 *     from 40s to 50s every 2s for 1s   pause n3
 *     at 55s                     heal
 *
 * `title`, `workload` and at least one step must be there. Times are those of a run of `seconds` (60 by default):
 * a run of another length stretches them. A fault without `for` stays until `heal`, or until the end. `late` names nodes
 * whose copies are not compared in the end, because their clocks were ahead (see scenario.ts).
 */
import { FulcrumError, invalidArgument } from '../../src/core/errors.js';
import { isPolicy, POLICIES, POLICY_DEFAULT, type Policy } from '../../src/core/policy.js';
import { parsePartition } from '../faults/partition-expression.js';
import { isWorkload, WORKLOADS, type WorkloadName } from '../workloads/index.js';
import { durationMs, isInstant, readAction, type Action } from './actions.js';
import type { Scenario, Step } from './scenario.js';

const NODES_MAX = 9;
const SECONDS_MAX = 3_600;
const REPEATS_MAX = 1_000;

interface Draft {
  title: string;
  about: string[];
  nodes: number;
  replicas: number | undefined;
  policies: Policy[];
  late: string[];
  workloads: WorkloadName[];
  seconds: number;
  steps: Step[];
}

/** What is wrong, or undefined. */
type Read = (draft: Draft, words: readonly string[], line: number) => string | undefined;

const HEADS: Readonly<Record<string, Read>> = {
  title: (draft, words) => {
    draft.title = words.join(' ');
    return draft.title === '' ? 'the title is missing' : undefined;
  },
  about: (draft, words) => {
    draft.about.push(words.join(' '));
    return undefined;
  },
  nodes: (draft, words) => {
    const nodes = wholeNumber(words, NODES_MAX);
    draft.nodes = nodes ?? draft.nodes;
    return nodes === undefined ? `"nodes" takes a number from 1 to ${NODES_MAX}` : undefined;
  },
  replicas: (draft, words) => {
    draft.replicas = wholeNumber(words, NODES_MAX);
    return draft.replicas === undefined ? `"replicas" takes a number from 1 to ${NODES_MAX}` : undefined;
  },
  seconds: (draft, words) => {
    const seconds = wholeNumber(words, SECONDS_MAX);
    draft.seconds = seconds ?? draft.seconds;
    return seconds === undefined ? `"seconds" takes a number from 1 to ${SECONDS_MAX}` : undefined;
  },
  policy: (draft, words) => {
    draft.policies = words.includes('each') ? [...POLICIES] : words.filter(isPolicy);
    const fits = words.length > 0 && (words.join() === 'each' || draft.policies.length === words.length);
    return fits ? undefined : `"policy" takes one or more of ${POLICIES.join(', ')}, or "each"`;
  },
  workload: (draft, words) => {
    draft.workloads = words.filter(isWorkload);
    const fits = words.length > 0 && draft.workloads.length === words.length;
    return fits ? undefined : `"workload" takes one or more of ${Object.keys(WORKLOADS).join(', ')}`;
  },
  late: (draft, words) => {
    draft.late = [...words];
    return words.length > 0 ? undefined : '"late" takes the names of nodes';
  },
  at: (draft, words, line) => {
    const [time, ...rest] = words;
    const atMs = durationMs(time);
    if (atMs === undefined) return `"at" takes a time such as 10s, not ${JSON.stringify(time ?? '')}`;
    return addStep(draft, line, [atMs], rest);
  },
  from: (draft, words, line) => {
    const [from, to, end, every, period, ...rest] = words;
    const [fromMs, toMs, periodMs] = [durationMs(from), durationMs(end), durationMs(period)];
    const fits =
      to === 'to' && every === 'every' && fromMs !== undefined && toMs !== undefined && periodMs !== undefined;
    if (!fits || periodMs === 0 || toMs < fromMs) return '"from" is written: from 10s to 50s every 4s for 2s ACTION';
    if ((toMs - fromMs) / periodMs > REPEATS_MAX) return `that is more than ${REPEATS_MAX} times`;
    const times: number[] = [];
    for (let atMs = fromMs; atMs < toMs; atMs += periodMs) times.push(atMs);
    return addStep(draft, line, times, rest);
  },
};

function addStep(draft: Draft, line: number, times: readonly number[], words: readonly string[]): string | undefined {
  let rest = words;
  let forMs: number | undefined;
  if (rest[0] === 'for') {
    forMs = durationMs(rest[1]);
    if (forMs === undefined) return `"for" takes a time such as 10s, not ${JSON.stringify(rest[1] ?? '')}`;
    rest = rest.slice(2);
  }
  const action = readAction(rest);
  if (typeof action === 'string') return action;
  if (forMs !== undefined && isInstant(action)) return `"${action.kind}" is over at once: leave out "for"`;
  draft.steps.push(...times.map((atMs) => ({ line, atMs, forMs, action })));
  return undefined;
}

/** `file` names it in errors. Throws INVALID_ARGUMENT with the number of the first bad line and what is wrong with it. */
export function parseScenario(name: string, text: string, file = name): Scenario {
  const draft: Draft = {
    title: '',
    about: [],
    nodes: 3,
    replicas: undefined,
    policies: [POLICY_DEFAULT],
    late: [],
    workloads: [],
    seconds: 60,
    steps: [],
  };
  text.split('\n').forEach((written, index) => {
    const [word, ...rest] = written
      .replace(/(^|\s)#.*$/, '')
      .split(/\s+/)
      .filter((part) => part !== '');
    if (word === undefined) return;
    const read = Object.hasOwn(HEADS, word) ? HEADS[word]! : undefined;
    const problem =
      read === undefined
        ? `there is no ${JSON.stringify(word)}. A line begins with ${Object.keys(HEADS).join(', ')}`
        : read(draft, rest, index + 1);
    if (problem !== undefined) throw refusal(file, index + 1, problem);
  });
  return finished(name, draft, file);
}

function finished(name: string, draft: Draft, file: string): Scenario {
  const { title, about, nodes, policies, late, workloads, seconds, steps } = draft;
  const { replicas = Math.min(3, nodes) } = draft;
  if (title === '') throw refusal(file, 1, 'it has no title');
  if (workloads.length === 0) throw refusal(file, 1, 'it has no workload');
  if (steps.length === 0) throw refusal(file, 1, 'it has no step, so that nothing would go wrong');
  if (replicas > nodes) throw refusal(file, 1, `${replicas} replicas need as many nodes, and there are ${nodes}`);
  const names = Array.from({ length: nodes }, (_, index) => `n${index + 1}`);
  const unknown = late.find((one) => !names.includes(one));
  if (unknown !== undefined) throw refusal(file, 1, `there is no node ${unknown}, only ${names.join(', ')}`);
  for (const { line, atMs, action } of steps) {
    const problem = actionProblem(action, names) ?? timeProblem(atMs, seconds);
    if (problem !== undefined) throw refusal(file, line, problem);
  }
  const ordered = [...steps].sort((a, b) => a.atMs - b.atMs);
  return { name, title, about: about.join(' '), nodes, replicas, policies, late, workloads, seconds, steps: ordered };
}

function timeProblem(atMs: number, seconds: number): string | undefined {
  return atMs > seconds * 1_000 ? `it begins after the end of the run, which is at ${seconds}s` : undefined;
}

function actionProblem(action: Action, nodes: readonly string[]): string | undefined {
  if (action.kind === 'partition') {
    try {
      parsePartition(action.expression, { nodes, clients: 'clients' });
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }
  const named = 'node' in action ? [action.node] : 'from' in action ? [action.from, action.to] : [];
  const unknown = named.find((one) => !nodes.includes(one) && one !== 'clients' && one !== '*');
  return unknown === undefined ? undefined : `there is no node ${unknown}, only ${nodes.join(', ')}`;
}

function wholeNumber(words: readonly string[], most: number): number | undefined {
  const number = Number(words[0]);
  return words.length === 1 && Number.isInteger(number) && number >= 1 && number <= most ? number : undefined;
}

function refusal(file: string, line: number, problem: string): FulcrumError {
  return new FulcrumError(invalidArgument(`${file}:${line}: ${problem}.`));
}
