/**
 * Short protocol conversations as text, carried out on the real nodes of a simulated cluster.
 *
 *     a: put x 1 via n1            => ok linearizable      an operation named a; by default at QUORUM
 *     b: put x 2 if a at ALL via n2                        a condition, a level; `minted +400ms`, `ttl 1s`, `within 90ms`
 *     a again via n3               => waiting              the same operation once more
 *     b: put x 2 meanwhile via n2  => waiting              the next line happens in the same turn
 *     a                            => ok linearizable      what its last request was answered
 *     cut n1>n2  hold accept:n1>n2  mend n1>n2  mend       frames lost, or kept back until mended; of one kind only
 *     crash n1  start n1  run 2s  clock n3 +60s
 *     stuck-disk n1  working-disk n1                     what a stuck disk was given is lost at a crash
 *     fill 40                                            so many further puts via n1
 *     disks                        => n1 1, n2 1, n3 none
 *     k: collect x via n1          => collected            the deletion is forgotten, or `kept` somewhere
 *     k: change PC/EC via n1       => done                 of the policy, which is `policy PC/EL` in the first line
 *     nodes 5                                              in the first lines; three unless told
 *
 * After each line the cluster runs until the line's request is answered, and for a moment longer.
 */
import { compareBallots } from '../../src/core/ballot.js';
import { makeOperation, type Expectation, type Mutation } from '../../src/core/operation.js';
import { isPolicy, formOf, POLICY_DEFAULT, type Policy } from '../../src/core/policy.js';
import { isLevel, type Level } from '../../src/core/level.js';
import type { Reply, Request } from '../../src/core/request.js';
import { keyOfScenario, planOfScenario } from './scenario-plan.js';
import { SimCluster } from './sim-cluster.js';
import type { SimNode } from './sim-node.js';
import { EPOCH } from './sim-clock.js';
import { describe, describeOutcome } from './scenario-outcome.js';
import { Violation } from './violation.js';
import { Watch } from './watch.js';

const MOMENT_MS = 60;

interface Asked {
  readonly request?: Request;
  reply?: Reply;
  /** What became of it, of what is no request. */
  said?: string;
}

/** The text with what really happened behind each arrow; a broken invariant as its last line. */
export function runScenario(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const scenario = new Scenario(policyOf(lines), nodesOf(lines));
  const happened: string[] = [];
  try {
    for (const line of lines) happened.push(carryOut(scenario, line));
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    happened.push(`==> ${error.invariant}: ${error.message}`);
  }
  return happened.join('\n');
}

/** As {@link runScenario} gives it back where everything happens as written. */
export function expectedOf(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim())
    .join('\n');
}

function carryOut(scenario: Scenario, line: string): string {
  const [before = '', comment] = line.split('#', 2);
  const [command = '', expected] = before.split('=>', 2);
  const outcome = scenario.perform(
    command
      .trim()
      .split(/\s+/)
      .filter((word) => word !== ''),
  );
  const note = comment === undefined ? '' : `#${comment}`;
  if (expected === undefined) return line.trim();
  const spaces = /\s*$/.exec(expected)?.[0] ?? '';
  return `${command.trimStart()}=> ${outcome}${spaces}${note}`.trim();
}

function policyOf(lines: readonly string[]): Policy {
  const policy = settingOf('policy', lines);
  return isPolicy(policy) ? policy : POLICY_DEFAULT;
}

function nodesOf(lines: readonly string[]): string[] {
  const count = Number(settingOf('nodes', lines) ?? 3);
  return Array.from({ length: count }, (_, index) => `n${index + 1}`);
}

function settingOf(name: string, lines: readonly string[]): string | undefined {
  return lines
    .map((line) => line.trim().split(/\s+/))
    .find(([first]) => first === name)
    ?.at(1);
}

class Scenario {
  readonly #cluster: SimCluster;
  readonly #policy: Policy;
  readonly #key: string;
  readonly #asked = new Map<string, Asked>();

  constructor(policy: Policy, nodes: readonly string[]) {
    this.#policy = policy;
    this.#key = keyOfScenario(nodes);
    const watch = new Watch();
    this.#cluster = new SimCluster(planOfScenario(policy, nodes), watch);
    watch.use((node) => this.#cluster.node(node).disk, {
      nodes,
      keys: [this.#key],
      of: () => nodes.slice(0, 3),
    });
    for (const node of this.#cluster.nodes) node.start();
    this.#cluster.run(2_000, () => this.#cluster.allLinksUp());
    this.#run(150);
  }

  perform(words: readonly string[]): string {
    const [first = '', ...rest] = words;
    if (first.endsWith(':')) return this.#begin(first.slice(0, -1), rest);
    if (rest[0] === 'again') return this.#ask(first, this.#requestOf(first), rest);
    if (this.#asked.has(first)) return this.#answerOf(this.#known(first));
    if (first === 'disks') return this.#disks();
    if (!['policy', 'nodes', ''].includes(first)) this.#disturb(first, rest);
    return '';
  }

  #begin(label: string, words: readonly string[]): string {
    const [verb = '', subject = ''] = words;
    if (verb === 'collect') {
      checkKey(subject);
      return this.#upkeep(label, words, (node, said) => {
        node.collect(this.#key, (collected) => {
          said(collected ? 'collected' : 'kept');
        });
      });
    }
    if (verb !== 'change') return this.#ask(label, this.#request(label, words), words);
    if (!isPolicy(subject)) throw new Error(`no policy is named ${subject}`);
    return this.#upkeep(label, words, (node, said) => {
      node.changePolicy(subject, ({ phase }) => {
        said(phase);
      });
    });
  }

  /** What a node is told to do that is no request. */
  #upkeep(label: string, words: readonly string[], run: (node: SimNode, said: (what: string) => void) => void): string {
    const asked: Asked = {};
    this.#asked.set(label, asked);
    run(this.#cluster.node(after('via', words) ?? 'n1'), (what) => {
      asked.said = what;
    });
    this.#run(MOMENT_MS);
    return this.#answerOf(asked);
  }

  #disturb(command: string, words: readonly string[]): void {
    if (!this.#disturbNetwork(command, words) && !this.#disturbNodes(command, words)) {
      throw new Error(`a scenario knows no "${command}"`);
    }
    this.#run(1);
  }

  #disturbNetwork(command: string, words: readonly string[]): boolean {
    const { network } = this.#cluster;
    const ways = words.map((word) => word.replace(':', ' '));
    if (command === 'cut' || command === 'hold') for (const way of ways) network.cut(way, command === 'hold');
    else if (command !== 'mend') return false;
    else if (ways.length === 0) network.mendAll();
    else for (const way of ways) network.mend(way);
    return true;
  }

  #disturbNodes(command: string, words: readonly string[]): boolean {
    switch (command) {
      case 'crash':
        for (const name of words) this.#cluster.node(name).crash();
        return true;
      case 'start':
        for (const name of words) this.#cluster.node(name).start();
        this.#run(1_300);
        return true;
      case 'stuck-disk':
      case 'working-disk':
        for (const name of words) this.#setDisk(name, command === 'stuck-disk');
        return true;
      case 'clock':
        this.#setClock(words);
        return true;
      case 'run':
        this.#run(milliseconds(words[0]));
        return true;
      case 'fill':
        this.#fill(Number(words[0]));
        return true;
      default:
        return false;
    }
  }

  #fill(puts: number): void {
    for (let count = 0; count < puts; count += 1) {
      this.perform([`fill${count}:`, 'put', 'x', `fill${count}`, 'via', 'n1']);
    }
  }

  /** What a stuck disk was given is lost at a crash. */
  #setDisk(name: string, stuck: boolean): void {
    const { disk } = this.#cluster.node(name);
    disk.speed.writeMs = stuck ? 1e9 : 0.1;
    disk.keepsUnsynced = stuck ? false : undefined;
  }

  #setClock([name = '', by]: readonly string[]): void {
    const { clock } = this.#cluster.node(name);
    clock.set(clock.offset + milliseconds(by) * 1_000);
  }

  #ask(label: string, request: Request, words: readonly string[]): string {
    const node = this.#cluster.node(after('via', words) ?? 'n1');
    const asked: Asked = { request };
    this.#asked.set(label, asked);
    node.execute(request, (reply) => {
      asked.reply = reply;
    });
    if (words.includes('meanwhile')) return this.#answerOf(asked);
    const { scheduler } = this.#cluster;
    this.#cluster.run(scheduler.nowMs + MOMENT_MS, () => asked.reply !== undefined);
    this.#run(10);
    return this.#answerOf(asked);
  }

  #request(label: string, words: readonly string[]): Request {
    const [verb = '', name = '', value = ''] = words;
    checkKey(name);
    const key = this.#key;
    const level = levelOf(words);
    const timeoutMs = milliseconds(after('within', words) ?? '5s');
    if (verb === 'get') return { kind: 'get', key, level, timeoutMs, allowStale: false };
    const expect = this.#expectation(after('if', words));
    const ttlMs = milliseconds(after('ttl', words) ?? '0ms');
    const mutation: Mutation =
      verb === 'delete'
        ? { kind: 'delete', expect }
        : { kind: 'put', value: Buffer.from(value), encoding: 'bytes', ttlMs, expect };
    const offset = milliseconds(after('minted', words) ?? '0ms');
    const time = EPOCH + Math.round((this.#cluster.scheduler.nowMs + offset) * 1_000);
    const incarnation = Buffer.from(label.padEnd(8, '.')).toString('hex').slice(0, 16);
    const { stand } = this.#cluster.node(after('via', words) ?? 'n1');
    const form = expect === null ? formOf(stand?.policy ?? this.#policy, level) : 'consensus';
    const operation = makeOperation({ time, node: `client-${label}`, incarnation, sub: 0 }, form, mutation);
    return { kind: 'mutate', key, level, timeoutMs, operation, name: null };
  }

  #expectation(named: string | undefined): Expectation | null {
    if (named === undefined) return null;
    if (named === 'absent') return named;
    const { reply } = this.#known(named);
    if (reply?.kind !== 'mutated' && reply?.kind !== 'value')
      throw new Error(`${named} has no version to compare with`);
    return reply.version;
  }

  #known(label: string): Asked {
    const asked = this.#asked.get(label);
    if (asked === undefined) throw new Error(`no operation is named ${label}`);
    return asked;
  }

  #requestOf(label: string): Request {
    const { request } = this.#known(label);
    if (request === undefined) throw new Error(`${label} is no request`);
    return request;
  }

  #answerOf({ reply, said }: Asked): string {
    return said ?? (reply === undefined ? 'waiting' : describeOutcome(reply));
  }

  #disks(): string {
    const homes = this.#cluster.nodes.slice(0, 3);
    const held = homes.map(({ name, disk }) => `${name} ${describe(disk.synced(this.#key)?.state ?? null)}`);
    const accepted = homes.map(({ disk }) => disk.synced(this.#key)?.accepted);
    const [first] = accepted;
    const same = accepted.every(
      (ballot) => first !== undefined && ballot !== undefined && compareBallots(first, ballot) === 0,
    );
    return `${held.join(', ')}${same ? ', one ballot' : ''}`;
  }

  #run(forMs: number): void {
    this.#cluster.run(this.#cluster.scheduler.nowMs + forMs);
  }
}

function checkKey(name: string): void {
  if (name !== 'x') throw new Error(`a scenario has one key, x, and none named ${name}`);
}

function levelOf(words: readonly string[]): Level {
  const level = after('at', words) ?? 'QUORUM';
  if (!isLevel(level)) throw new Error(`no level is named ${level}`);
  return level;
}

function after(name: string, words: readonly string[]): string | undefined {
  const at = words.indexOf(name);
  return at < 0 ? undefined : words[at + 1];
}

/** `+60s`, `-20ms`, `500ms`. */
function milliseconds(text: string | undefined): number {
  const match = /^([+-]?\d+)(ms|s|us)$/.exec(text ?? '');
  if (match === null) throw new Error(`${text ?? 'nothing'} is not a time`);
  const unit = { ms: 1, s: 1_000, us: 0.001 }[match[2] as 'ms' | 's' | 'us'];
  return Number(match[1]) * unit;
}
