/** Planted bugs in the coordinator's paths: owner, slow, latency and reads. */
import type { Mutant } from './mutant.js';

const CONDITION = 'if (this.#state !== base || !agreed || this.#options.waitForAll)';

export const PATH_MUTANTS: readonly Mutant[] = [
  {
    name: 'identity round skipped when replies disagree',
    file: 'core/proposer',
    find: '|| !agreed ||',
    by: '||',
  },
  {
    name: 'adopting by version',
    file: 'core/adoption',
    find: 'compareBallots(promise.accepted, best.accepted) > 0',
    by: '(promise.state?.version.time ?? 0) > (best.state?.version.time ?? 0)',
  },
  {
    name: 'fast read by version',
    file: 'core/quorum-read',
    find: 'if (sameBallot(accepted, this.#best))',
    by: 'if (sameBallot(accepted, this.#best) || (state !== null && state.version.time === this.#bestState?.version.time))',
  },
  {
    name: 'a read that does not commit',
    file: 'core/quorum-read',
    find: 'if (!consistent || this.#bestState === null)',
    by: 'if (this.#best !== undefined)',
  },
  {
    name: 'a failed compare-and-set that does not commit',
    file: 'core/proposer',
    find: CONDITION,
    by: "if (this.#outcomes.length > 0 ? !this.#outcomes.every((o) => o.kind === 'mismatch') : !agreed || this.#options.waitForAll)",
  },
  {
    name: 'a replay that does not commit',
    file: 'core/proposer',
    find: CONDITION,
    by: 'if ((this.#state !== base || !agreed || this.#options.waitForAll) && !(this.#outcomes.length > 0 && this.#outcomes.every((o) => o.replayed === true)))',
  },
  {
    name: 'replies of two attempts mixed',
    file: 'core/proposer',
    find: 'attempt !== this.#attempt ||',
    by: '',
  },
  {
    name: '"failed" after a nacked accept',
    file: 'core/proposer',
    find: 'return this.#sent[operation] === true;',
    by: 'return false;',
  },
  {
    name: '"superseded" counted as accepted',
    file: 'core/proposer',
    find: 'this.#superseded |= bit;',
    by: 'this.#accepted |= bit;',
  },
  {
    name: 'owner path without the owner check',
    file: 'core/proposer',
    find: '|| !sameProcess(base.owner, self)',
    by: '',
  },
  {
    name: 'owner path with the node but not its incarnation',
    file: 'core/proposer',
    find: '!sameProcess(base.owner, self)',
    by: 'base.owner.node !== self.node',
  },
  {
    name: 'owner path sent before the local install',
    file: 'node/tools',
    find: 'replica.handle(message, sink, token);',
    by: 'tools.clock.defer(() => replica.handle(message, sink, token));',
  },
  {
    name: 'blind write retried at or below its ballot',
    file: 'node/proposal',
    find: 'mint.mint(key, physical, Math.max(seen.time, opTime))',
    by: 'mint.mint(key, physical, seen.time)',
  },
  {
    name: 'latency write re-minted',
    file: 'node/latency-call',
    find: 'const { operation } = request;',
    by: 'const { mint, clock } = this.#tools; const operation = { ...request.operation, id: mint.mint(key, clock.physicalMicros()) };',
  },
  {
    name: 'minted above refused ballots only',
    file: 'node/proposal',
    find: 'const ballot = skewed ?',
    by: 'const ballot = key === undefined ?',
  },
  {
    name: 'expiry by local clock',
    file: 'node/read-call',
    find: 'if (this.#plan.consistent && this.#isExpired(result.state)) this.#tools.lane.join(this.#pending.key, this);',
    by: 'if (this.#plan.consistent && this.#isExpired(result.state)) this.#answer({ ...result, state: result.state.with({ value: null, expiresAt: 0 }) }, this.#read.rounds);',
  },
  {
    name: 'weak state labelled linearizable',
    file: 'node/read-call',
    find: 'state?.weak === true ||',
    by: '',
  },
  {
    name: 'a session not told that an answer is behind',
    file: 'node/value-reply',
    find: 'behind: after !== undefined && !reaches({ accepted, state }, after) ? true : undefined,',
    by: 'behind: undefined,',
  },
  {
    name: 'a write below what its session saw taken for one that stands',
    file: 'client/standings',
    find: 'if (known !== undefined && compareBallots(accepted, known.accepted) < 0) return false;',
    by: '',
  },
];
