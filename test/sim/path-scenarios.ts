/** Directed scenarios of what a coordinator must not do on its way: bugs that random schedules meet late. */
import type { DirectedScenario } from './directed-scenario.js';

export const PATH_SCENARIOS: readonly DirectedScenario[] = [
  {
    name: 'same turn',
    title: 'two operations of an owner in one turn have a ballot each',
    text: `
      z: put x 0 at ALL via n1              => ok linearizable
      a: put x 1 meanwhile via n1           => waiting
      b: put x 2 via n1                     => ok linearizable
      run 100ms
      a                                     => ok linearizable
      r: get x at ALL via n2                => 2 linearizable
    `,
  },
  {
    name: 'replay',
    title: 'an operation found in the window is committed before it is answered',
    text: `
      z: put x 0 at ALL via n1              => ok linearizable
      cut accept:n1>n2 accept:n1>n3
      a: put x 1 within 90ms via n1         => waiting        # accepted at n1 alone
      run 200ms
      mend
      cut n2>n3 n3>n2
      a again via n2                        => ok linearizable replayed
      mend
      cut n1>n2 n2>n1 n1>n3 n3>n1
      r: get x via n2                       => 1 linearizable
    `,
  },
  {
    name: 'late reply',
    title: 'a promise for an earlier attempt is not counted for a later one',
    text: `
      z: put x 0 at ALL via n1              => ok linearizable
      crash n1
      start n1
      cut n1>n3 n3>n1
      hold reply:n2>n1
      a: put x 1 if z within 4s via n1      => waiting        # n2 has promised, n1 does not know
      c: put x 2 via n3                     => ok linearizable
      run 1300ms
      mend reply:n2>n1
      run 200ms
      a                                     => CONDITION_FAILED
      r: get x via n3                       => 2 linearizable
    `,
  },
  {
    name: 'catch-up',
    title: 'the identity round that brings the last replica up keeps the window',
    text: `
      z: put x 0 at ALL via n1              => ok linearizable
      clock n3 +400ms
      cut prepare:n3>n1 prepare:n3>n2
      f: put x 9 within 90ms via n3         => waiting        # leaves a promise at n3 alone
      run 200ms
      mend
      a: put x 1 at ALL via n1              => ok linearizable
      a again via n2                        => ok linearizable replayed
    `,
  },
];
