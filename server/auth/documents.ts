/** The part of the store that signing in needs. */
import type { Store } from '../store/store.ts';

export type Documents = Pick<Store, 'getDocument' | 'putDocument' | 'deleteDocument' | 'listDocuments'>;

/** How often a compare-and-swap is repeated before its loser gives up. */
export const CAS_TRIES = 10;
