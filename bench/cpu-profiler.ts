/** Records where this process spends its time, through the inspector's own profiler. */
import { Session, type Profiler } from 'node:inspector';

export type CpuProfile = Profiler.Profile;

const SAMPLING_MICROS = 500;

export class CpuProfiler {
  readonly #session = new Session();

  start(): void {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.setSamplingInterval', { interval: SAMPLING_MICROS });
    this.#session.post('Profiler.start');
  }

  async stop(): Promise<CpuProfile> {
    const profile = await new Promise<CpuProfile>((resolve, reject) => {
      this.#session.post('Profiler.stop', (error, result) => {
        if (error === null) resolve(result.profile);
        else reject(error);
      });
    });
    this.#session.disconnect();
    return profile;
  }
}
