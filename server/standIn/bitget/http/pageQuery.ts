import { Refused } from '../exchange/refusal.ts';
import type { Params } from './call.ts';

const MOST_ROWS = 100;

/** Which page of a list is asked for; the families name the row that it follows differently. */
export function pageQuery(
  params: Params,
  cursor: 'cursor' | 'idLessThan',
): {
  before: string | undefined;
  start: number | undefined;
  end: number | undefined;
  limit: number;
} {
  const limit = params.number('limit') ?? MOST_ROWS;
  if (limit < 1 || limit > MOST_ROWS) throw new Refused('parameter', 'Parameter limit error');
  return {
    before: params.text(cursor),
    start: params.number('startTime'),
    end: params.number('endTime'),
    limit,
  };
}
