import cliProgress from 'cli-progress';

/** How far a long command has come: a bar on standard error where that is a terminal, else nothing. */
export interface Progress {
  /** `done` of the total. */
  update(done: number): void;
  stop(): void;
}

const SILENT: Progress = { update: () => undefined, stop: () => undefined };

/** `unit`: what is counted, such as MB. `scale`: how many of what is reported make one unit. No total: only a count. */
export function startProgress(title: string, total: number | undefined, unit: string, scale = 1): Progress {
  if (!process.stderr.isTTY) return SILENT;
  const whole = total ?? Number.MAX_SAFE_INTEGER;
  const format =
    total === undefined
      ? `${title}  {shown} ${unit}`
      : `${title} {bar} {percentage}%  {shown} of {whole} ${unit}  {eta_formatted} left`;
  const bar = new cliProgress.SingleBar(
    { format, stream: process.stderr, hideCursor: true, clearOnComplete: true, etaBuffer: 50 },
    cliProgress.Presets.shades_classic,
  );
  const shown = (amount: number): string => (scale === 1 ? String(amount) : (amount / scale).toFixed(1));
  bar.start(whole, 0, { shown: shown(0), whole: shown(whole) });
  return {
    update: (done) => bar.update(Math.min(done, whole), { shown: shown(done) }),
    stop: () => bar.stop(),
  };
}
