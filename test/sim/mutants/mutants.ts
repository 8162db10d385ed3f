/** The planted bugs of PROTOCOL.md that apply to what is built, as patches of the compiled code. */
import type { Mutant } from './mutant.js';
import { PATH_MUTANTS } from './path-mutants.js';
import { UPKEEP_MUTANTS } from './upkeep-mutants.js';

const REPLICA_MUTANTS: readonly Mutant[] = [
  {
    name: 'promise not synced',
    file: 'node/replica',
    find: 'if (entry.commit === 0 && !mayTellFloor)',
    by: "if ((entry.commit === 0 && !mayTellFloor) || reply.kind === 'promised')",
  },
  {
    name: 'accept answered before sync',
    file: 'node/replica',
    find: 'if (entry.commit === 0 && !mayTellFloor)',
    by: "if ((entry.commit === 0 && !mayTellFloor) || reply.kind === 'accepted')",
  },
  {
    name: 'a record dropped from the cache before it is on disk',
    file: 'node/register-cache',
    find: 'if (entry.commit === 0 || this.#old.has(key)) continue;',
    by: 'continue;',
  },
  {
    name: 'repair that ignores promises',
    file: 'core/register',
    find: 'compareBallots(ballot, record.promised) < 0 ||',
    by: '',
  },
  {
    name: 'repair ordered by version',
    file: 'core/register',
    find: 'compareBallots(ballot, record.promised) < 0 || compareBallots(ballot, record.accepted) < 0 ||',
    by: '(record.state !== null && state.version.time < record.state.version.time) ||',
  },
  {
    name: 'absolute clock bound',
    file: 'core/register',
    find: 'if (ballot.time <= highest(record).time + 1_000) return null;',
    by: '',
  },
  {
    name: 'minority counted as majority',
    file: 'core/level',
    find: 'Math.floor(replicas / 2) + 1',
    by: 'Math.max(1, Math.floor(replicas / 2))',
  },
];

const WINDOW_MUTANTS: readonly Mutant[] = [
  {
    name: 'retry as a new operation',
    file: 'core/mutation',
    find: 'const entry = draft.window.find(op.id);',
    by: 'const entry = undefined;',
  },
  {
    name: 'failed compare-and-set not recorded',
    file: 'core/mutation',
    find: 'record(draft, op, { applied, existed, weak }, context);',
    by: 'if (applied) record(draft, op, { applied, existed, weak }, context);',
  },
  {
    name: 'window lost on delete',
    file: 'core/mutation',
    find: 'draft.window = window;',
    by: "draft.window = op.mutation.kind === 'delete' ? OpWindow.EMPTY : window;",
  },
  {
    name: 'window lost on expiry',
    file: 'core/mutation',
    find: 'draft.value = null; draft.expiresAt = 0;',
    by: 'draft.value = null; draft.expiresAt = 0; draft.window = OpWindow.EMPTY;',
  },
  {
    name: 'window lost on identity',
    file: 'core/proposer',
    find: 'this.#state = state;',
    by: 'this.#state = operations.length === 0 ? state.with({ window: State.absent(0).window }) : state;',
  },
  {
    name: 'window evicted without raising windowFloor',
    file: 'core/mutation',
    find: 'draft.windowFloor = Math.max(draft.windowFloor, forgotten);',
    by: '',
  },
  {
    name: 'maxOpTime left out when adopting a blind state',
    file: 'core/adoption',
    find: 'Math.max(state.windowFloor, maxOpTime)',
    by: 'state.windowFloor',
  },
  {
    name: 'one version for a combined batch',
    file: 'core/mutation',
    find: 'versionOf(context.ballot, index)',
    by: 'versionOf(context.ballot, 0)',
  },
  {
    name: 'a batch whose operations all apply to P',
    file: 'core/mutation',
    find: 'known ?? applyOne(draft, op,',
    by: 'known ?? applyOne(index === 0 ? draft : Object.assign(draft, fieldsOf(base)), op,',
  },
];

const IDENTITY_MUTANTS: readonly Mutant[] = [
  {
    name: 'reused incarnation: ballots compared without it',
    file: 'core/ballot',
    find: 'if (a.incarnation !== b.incarnation) return a.incarnation < b.incarnation ? -1 : 1;',
    by: '',
  },
  {
    name: 'reused incarnation: none drawn when the clock falls back',
    file: 'core/hlc',
    find: 'this.#incarnation = this.newIncarnation();',
    by: '',
  },
  {
    name: "a node's clock beyond its bound",
    file: 'core/hlc',
    find: 'if (next > physical + this.bound) return undefined;',
    by: '',
  },
];

export const MUTANTS: readonly Mutant[] = [
  ...REPLICA_MUTANTS,
  ...PATH_MUTANTS,
  ...WINDOW_MUTANTS,
  ...IDENTITY_MUTANTS,
  ...UPKEEP_MUTANTS,
];
