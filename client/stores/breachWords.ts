import type { Breach } from '../../shared/domain/account.ts';

/** A daily loss ends with its day and by nothing else; the others are released by hand. */
export const endsWithDay = ({ limit }: Breach): boolean => limit === 'daily_loss';
