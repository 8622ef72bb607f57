import { type DestinationStream, pino } from 'pino';
import type { Logger } from '../../ports/logger.ts';
import { redact, redactText } from './redact.ts';

/** Where lines go, and which; one JSON object per line. */
export interface PinoLoggerOptions {
  level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** Part of every line: which program, which process of several. */
  fields?: Record<string, string>;
  /** Default: standard output, written at once so that the last lines before a crash are there. */
  destination?: DestinationStream;
}

/** A Logger on pino. Secrets are taken out of fields and messages here, so that no caller has to think of it. */
export function createPinoLogger(options: PinoLoggerOptions): Logger {
  const sink = pino(
    {
      level: options.level,
      base: { ...options.fields },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Errors arrive as plain copies already; pino's own serializer would reshape them.
      serializers: { err: (copied: unknown) => copied },
    },
    options.destination ?? pino.destination({ fd: 1, sync: true }),
  );
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (fields: object, message: string): void => {
      if (!sink.isLevelEnabled(level)) return;
      sink[level](plainFields(fields), redactText(message));
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

function plainFields(fields: object): object {
  const copied = redact(fields instanceof Error ? { err: fields } : fields);
  return typeof copied === 'object' && copied !== null ? copied : { value: copied };
}
