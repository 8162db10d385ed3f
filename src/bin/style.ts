import { styleText } from 'node:util';

export type Paint = (text: string) => string;

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly warning: Paint;
  readonly bad: Paint;
}

type Format = Parameters<typeof styleText>[0];

/** Colours for a terminal that wants them (https://no-color.org), plain text for everything else. */
export function styleFor(stream: NodeJS.WriteStream): Style {
  const wanted = stream.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  const as = (format: Format) => (wanted ? (text: string) => styleText(format, text) : (text: string) => text);
  return { bold: as('bold'), dim: as('dim'), good: as('green'), warning: as('yellow'), bad: as('red') };
}
