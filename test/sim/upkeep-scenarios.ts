/** Directed scenarios of what a cluster does to itself: tombstone collection, hints, repair, changes of the policy. */
import type { DirectedScenario } from './directed-scenario.js';

/** The deletion is forgotten at n1 and n2; n3 could not be told. */
const COLLECTED_AT_TWO = `
      z: put x 1 at ALL via n1              => ok linearizable
      d: delete x at ALL via n1             => ok linearizable
      run 300ms
      hold reply:n3>n1
      k: collect x via n1                   => waiting        # n3 has agreed, n1 does not know yet
      cut repair:n1>n3
      mend reply:n3>n1
      run 60ms
      disks                                 => n1 none, n2 none, n3 absent`;

export const UPKEEP_SCENARIOS: readonly DirectedScenario[] = [
  {
    name: 'D3',
    title: 'a key is created anew above the tombstone that is left at one replica',
    text: `${COLLECTED_AT_TWO}
      cut n2>n3 n3>n2
      clock n2 -1300ms
      c: put x 2 if absent minted -1300ms via n2 => TOO_OLD    # below what n1 and n2 have forgotten
      e: put x 3 if absent minted -900ms via n2 => ok linearizable
      clock n2 +1300ms
      mend
      run 1500ms
      r: get x via n3                       => 3 linearizable
    `,
  },
  {
    name: 'D4',
    title: 'of two creates after a collection, one of them prepared before it, one succeeds',
    text: `
      z: put x 1 at ALL via n1              => ok linearizable
      d: delete x at ALL via n1             => ok linearizable
      run 200ms
      stuck-disk n3
      hold accept:n3>n1 accept:n3>n2
      a: put x 2 if absent within 900ms via n3 => waiting     # prepared at n1 and n2, its accepts are under way
      crash n3
      working-disk n3
      start n3
      run 300ms
      k: collect x via n1                   => collected
      clock n2 -2200ms
      b: put x 3 if absent minted -2200ms via n2 => TOO_OLD
      clock n2 +2200ms
      c: put x 4 if absent via n2           => ok linearizable
      mend
      run 100ms
      a again via n1                        => TOO_OLD
      r: get x via n3                       => 4 linearizable
    `,
  },
  {
    name: 'D5',
    title: 'a hint that is older than a forgotten deletion brings nothing back',
    text: `
      policy PA/EC
      nodes 5
      cut n1>n2 n2>n1 n1>n3 n3>n1 n4>n2 n2>n4 n4>n3 n3>n4 n5>n2 n2>n5 n5>n3 n3>n5
      run 1500ms
      w: put x 1 via n1                     => ok eventual    # with copies at n4 and n5 for n2 and n3
      mend n1>n2 n2>n1 n1>n3 n3>n1
      run 3s
      r: get x at ALL via n2                => 1 quorum
      d: delete x at ALL via n2             => ok quorum
      run 300ms
      k: collect x via n1                   => collected
      mend
      run 5s
      s: get x via n3                       => absent linearizable
      t: get x via n1                       => absent linearizable
    `,
  },
  {
    name: 'D12',
    title: 'what was forgotten stays forgotten under a mere promise',
    text: `
      z: put x 1 at ALL via n1              => ok linearizable
      d: delete x at ALL via n1             => ok linearizable
      run 300ms
      k: collect x via n1                   => collected
      stuck-disk n3
      cut accept:n3>n1 accept:n3>n2
      p: put x 2 via n3                     => waiting        # leaves a promise at n1 and n2
      crash n3
      working-disk n3
      mend
      start n3
      run 1s
      z again via n2                        => TOO_OLD
      r: get x via n1                       => absent linearizable
    `,
  },
  {
    name: 'D15',
    title: 'a late accept at the one replica that kept its tombstone: repair converges',
    text: `
      z: put x 1 at ALL via n1              => ok linearizable
      d: delete x at ALL via n1             => ok linearizable
      run 300ms
      stuck-disk n2
      cut accept:n2>n1
      hold accept:n2>n3
      a: put x 2 within 500ms via n2        => waiting        # prepared at n1 and n3
      crash n2
      working-disk n2
      start n2
      run 300ms
      hold reply:n3>n1
      k: collect x via n1                   => waiting
      cut repair:n1>n3
      mend reply:n3>n1
      run 60ms
      mend accept:n2>n3
      run 100ms
      disks                                 => n1 none, n2 none, n3 2
      mend
      run 25s
      disks                                 => n1 2, n2 2, n3 2, one ballot
      r: get x via n2                       => 2 linearizable
    `,
  },
  {
    name: 'operations forgotten',
    title: 'the floor covers the operations of an owner, whose ballots are older than they are',
    text: `
      z: put x 0 at ALL via n1              => ok linearizable
      run 200ms
      b: put x 1 at ALL via n1              => ok linearizable # one round trip, under a ballot of z's time
      d: delete x at ALL via n1             => ok linearizable
      run 300ms
      k: collect x via n1                   => collected
      b again via n2                        => TOO_OLD
      r: get x via n3                       => absent linearizable
    `,
  },
  {
    name: 'promises forgotten',
    title: 'a key with nothing but promises is collected like a deleted one',
    text: `
      stuck-disk n3
      cut accept:n3>n1 accept:n3>n2
      p: put x 1 via n3                     => waiting
      crash n3
      working-disk n3
      mend
      start n3
      run 1s
      k: collect x via n1                   => kept           # n3 has not even a promise
      q: put x 2 if absent minted -1400ms via n2 => ok linearizable
    `,
  },
  {
    name: 'too young',
    title: 'a deletion within its grace, or held by fewer than all, is kept',
    text: `
      z: put x 1 at ALL via n1              => ok linearizable
      cut n1>n3 n3>n1
      d: delete x via n1                    => ok linearizable
      run 300ms
      k: collect x via n1                   => waiting        # n3 does not answer
      run 6s
      k                                     => kept
      mend
      run 3s
      e: delete x at ALL via n1             => ok linearizable
      l: collect x via n1                   => kept
    `,
  },
  {
    name: 'barrier',
    title: 'a stronger policy is in force once what differed is settled',
    text: `
      policy PC/EL
      z: put x 0 at ALL via n1              => ok quorum
      cut accept:n3>n1 accept:n3>n2
      w: put x 1 at ONE via n3              => ok eventual    # durable at n3 alone
      run 100ms
      mend
      k: change PC/EC via n1                => settling
      run 2s
      k                                     => done
      cut n1>n3 n3>n1 n2>n3 n3>n2
      r: get x via n1                       => 1 quorum
    `,
  },
  {
    name: 'weaker',
    title: 'a weaker policy holds at once, and a node that was away learns it',
    text: `
      z: put x 0 at ALL via n1              => ok linearizable
      cut n1>n3 n3>n1 n2>n3 n3>n2
      run 1200ms
      k: change PA/EC via n1                => done
      mend
      run 2s
      r: get x via n3                       => 0 linearizable # refused by n1, which tells n3 of its policy
      cut n1>n3 n3>n1 n2>n3 n3>n2
      run 1200ms
      w: put x 1 via n3                     => ok eventual
    `,
  },
];
