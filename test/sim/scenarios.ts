/**
 * The directed scenarios of PROTOCOL.md that apply to what is built; all but D8, which needs changes of the members.
 * Each fails if its rule is removed.
 */
import type { DirectedScenario } from './directed-scenario.js';
import { PATH_SCENARIOS } from './path-scenarios.js';
import { UPKEEP_SCENARIOS } from './upkeep-scenarios.js';

const REGISTER_SCENARIOS: readonly DirectedScenario[] = [
  {
    name: 'D1',
    title: 'a nacked first proposer looks its operation up before it tries again',
    text: `
      cut accept:n2>n1 accept:n2>n3
      a: put x 1 via n2                     => waiting        # accepted at n2 alone
      mend
      r: get x via n2                       => 1 linearizable # a reader commits it
      b: put x 2 via n3                     => ok linearizable
      run 2s
      a                                     => ok linearizable replayed
      s: get x via n1                       => 2 linearizable
    `,
  },
  {
    name: 'D2',
    title: 'a fast read compares ballots, not versions',
    text: `
      z: put x 3 at ALL via n3              => ok linearizable
      cut n3>n2 n2>n3 accept:n3>n1
      a: put x 5 within 90ms via n3         => waiting        # accepted at n3 alone
      run 100ms
      mend
      cut n3>n2 n2>n3 accept:n2>n1
      c: put x 9 if absent within 90ms via n2 => waiting      # n2 alone accepts 3 again, higher
      run 100ms
      mend
      cut n1>n2 n2>n1 accept:n1>n3
      d: put x 9 if absent within 90ms via n1 => waiting      # n1 alone accepts 5 again, higher still
      run 100ms
      mend accept:n1>n3
      r: get x via n1                       => 5 linearizable # commits it: n1 and n3 hold two ballots
      run 100ms
      mend
      cut n1>n3 n3>n1 n1>n2 n2>n1
      s: get x via n2                       => 5 linearizable
    `,
  },
  {
    name: 'D6',
    title: 'superseded is no acknowledgement of a consistent write',
    text: `
      z: put x 0 at ALL via n3              => ok linearizable
      cut accept:n2>n3
      w: put x fast at ONE minted +400ms via n2 => ok eventual
      mend
      b: put x 1 via n3                     => OUTCOME_UNKNOWN (unknown) # never ok: it is not what is read
      r: get x via n1                       => fast quorum
    `,
  },
  {
    name: 'D7',
    title: 'a ONE write from a fast clock is labelled when it comes back after a compare-and-set',
    text: `
      z: put x 0 at ALL via n1              => ok linearizable
      cut n3>n1 n3>n2
      w: put x late at ONE minted +400ms via n3 => ok eventual
      c: put x 1 if z via n1                => ok linearizable
      r: get x via n1                       => 1 linearizable
      mend
      s: get x via n3                       => late quorum
    `,
  },
  {
    name: 'D9',
    title: 'a failed create stays failed when its delayed copy arrives',
    text: `
      z: put x 0 via n1                     => ok linearizable
      c: put x 1 if absent via n1           => CONDITION_FAILED
      d: delete x via n2                    => ok linearizable
      c again via n3                        => CONDITION_FAILED
      r: get x via n1                       => absent linearizable
    `,
  },
  {
    name: 'D11',
    title: 'a replica with a stale record cannot write in one round',
    text: `
      z: put x 0 at ALL via n1              => ok linearizable
      cut n1>n3 n3>n1
      a: put x 1 via n1                     => ok linearizable
      b: put x 2 if z via n3                => CONDITION_FAILED
      r: get x via n2                       => 1 linearizable
    `,
  },
  {
    name: 'D13',
    title: 'an operation sent by two coordinators is one state, whatever their clocks say',
    text: `
      policy PA/EC
      clock n3 +300ms
      cut n1>n2 n2>n1 n1>n3 n3>n1 n2>n3 n3>n2
      run 1200ms
      a: put x 1 ttl 60s via n1             => ok eventual
      a again via n3                        => ok eventual
      mend
      run 1500ms
      r: get x at ALL via n2                => 1 quorum
      disks                                 => n1 1, n2 1, n3 1, one ballot
    `,
  },
  {
    name: 'D14',
    title: 'prepares of one fast node leave the key writable for the others',
    text: `
      z: put x 0 at ALL via n1              => ok linearizable
      clock n3 +60s
      f: put x fast via n3                  => CLOCK_SKEW
      cut n2>n1
      a: put x 1 via n1                     => waiting        # n3 names its own promise, a minute ahead
      run 1s
      mend
      run 1s
      a                                     => ok linearizable replayed
      b: put x 2 via n2                     => ok linearizable
      r: get x via n1                       => 2 linearizable
    `,
  },
  {
    name: 'D14b',
    title: 'a key once written by fast clocks stays writable when they are set right',
    text: `
      clock n2 +60s
      clock n3 +60s
      z: put x 0 via n3                     => ok linearizable
      clock n2 -60s
      clock n3 -60s
      a: put x 1 via n2                     => ok linearizable
      r: get x via n3                       => 1 linearizable
    `,
  },
  {
    name: 'D16',
    title: 'an operation minted just before a blind write is refused for certain, not lost in doubt',
    text: `
      w: put x blind at ONE via n1          => ok eventual
      a: put x 1 minted -30ms via n2        => TOO_OLD
      b: put x 1 via n2                     => ok quorum
      r: get x via n3                       => 1 linearizable
    `,
  },
  {
    name: 'adopt',
    title: 'a proposer adopts the highest ballot, not the newest version',
    text: `
      z: put x 3 at ALL via n3              => ok linearizable
      cut accept:n1>n2 accept:n1>n3
      a: put x 5 within 90ms via n1         => waiting        # accepted at n1 alone
      run 100ms
      mend
      cut n1>n2 n2>n1 n1>n3 n3>n1
      c: put x 9 if absent via n3           => CONDITION_FAILED # 3 again, with c remembered, at n2 and n3
      mend
      d: delete x via n1                    => ok linearizable
      c again via n2                        => CONDITION_FAILED
    `,
  },
  {
    name: 'blind floor',
    title: 'what a blind write buried is too old, not new',
    text: `
      z: put x 0 at ALL via n3              => ok linearizable
      run 100ms
      a: put x 1 at ALL via n3              => ok linearizable # the owner's ballot is older than a
      w: put x w at ONE minted -90ms via n1 => ok eventual     # and w lies in between
      a again via n2                        => TOO_OLD
      r: get x via n1                       => w quorum
    `,
  },
  {
    name: 'incarnation',
    title: 'an owner that was restarted does not go on from its old ballot',
    text: `
      z: put x 0 at ALL via n3              => ok linearizable
      y: put x 0 at ALL via n3              => ok linearizable
      stuck-disk n3
      hold accept:n3>n2 accept:n3>n1
      a: put x 1 via n3                     => waiting        # installed at n3, not synced
      crash n3
      working-disk n3
      start n3
      b: put x 2 via n3                     => waiting        # prepared: its accept is under way
      mend
      run 100ms
      b                                     => ok linearizable
      r: get x via n2                       => 2 linearizable
    `,
  },
  {
    name: 'promise',
    title: 'a promise is not told before it is synced',
    text: `
      z: put x 0 at ALL via n1              => ok linearizable
      stuck-disk n2
      cut n1>n3 n3>n1
      a: put x 1 within 90ms via n3         => waiting
      run 100ms
      a                                     => TIMEOUT
    `,
  },
  {
    name: 'evicted',
    title: 'an operation that the window had to forget is too old, not new',
    text: `
      a: put x 1 via n1                     => ok linearizable
      fill 40
      a again via n2                        => TOO_OLD
      r: get x via n1                       => fill39 linearizable
    `,
  },
  {
    name: 're-minted',
    title: 'a latency write that is sent again does not come back over a newer one',
    text: `
      w: put x 1 at ONE via n1              => ok eventual
      run 20ms
      v: put x 2 at ONE via n2              => ok eventual
      w again via n3                        => ok eventual superseded
      run 20ms
      r: get x via n1                       => 2 quorum
    `,
  },
  {
    name: 'above the operation',
    title: 'a ballot lies above the time of its operation, or a degraded copy would come back over later writes',
    text: `
      policy PA/EC
      z: put x 0 at ALL via n3              => ok linearizable
      cut n1>n2 n2>n1 n1>n3 n3>n1
      run 1200ms
      a: put x 1 minted +400ms via n1       => ok eventual    # served by n1 alone
      a again via n2                        => ok linearizable
      v: put x 2 via n2                     => ok linearizable
      mend
      run 1200ms
      r: get x at ALL via n2                => 2 linearizable
    `,
  },
  {
    name: 'batch',
    title: 'operations that share a round apply one after the other, each with a version of its own',
    text: `
      hold prepare:n1>n2 prepare:n1>n3
      a: delete x via n1                    => waiting
      b: put x 1 if absent via n1           => waiting
      c: put x 2 if absent via n1           => waiting
      d: put x 3 via n1                     => waiting
      mend
      run 100ms
      b                                     => ok linearizable
      c                                     => CONDITION_FAILED
      d                                     => ok linearizable
      e: put x 4 if b via n2                => CONDITION_FAILED
      r: get x via n3                       => 3 linearizable
    `,
  },
  {
    name: 'expiry',
    title: 'expiry is decided once, by a tombstone, not by the clock of each node',
    text: `
      clock n2 +400ms
      a: put x 1 ttl 300ms via n1           => ok linearizable
      r: get x via n2                       => absent linearizable
      s: get x via n1                       => absent linearizable
      run 400ms
      a again via n3                        => ok linearizable replayed
      t: get x via n1                       => absent linearizable
    `,
  },
];

export const SCENARIOS: readonly DirectedScenario[] = [...REGISTER_SCENARIOS, ...PATH_SCENARIOS, ...UPKEEP_SCENARIOS];
