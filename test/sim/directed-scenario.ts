/** A protocol conversation as text (see scenario.ts), and what it shows. */
export interface DirectedScenario {
  readonly name: string;
  readonly title: string;
  readonly text: string;
}
