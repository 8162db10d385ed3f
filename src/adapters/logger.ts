import { pino } from 'pino';
import type { Log } from '../ports/log.js';

const STDERR = 2;

export interface LoggerOptions {
  /** Fields of every line, such as the node's name. */
  readonly fields: object;
  /** Least level that is written; default `info`. */
  readonly level?: 'debug' | 'info' | 'warn' | 'error' | undefined;
  /** File descriptor; default standard error. */
  readonly descriptor?: number | undefined;
}

/** JSON lines, each written before the call returns, so that the last words of a process are never lost. */
export function createLogger(options: LoggerOptions): Log {
  const destination = pino.destination({ dest: options.descriptor ?? STDERR, sync: true });
  const logger = pino(
    {
      base: options.fields,
      level: options.level ?? 'info',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err },
    },
    destination,
  );
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
