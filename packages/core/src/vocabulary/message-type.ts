/** Ticker, deal, depth, dead letter. */
export type MessageType = 't' | 'd' | 'dp' | 'dl';

/** Codes of the Enum8 column `mt`. */
export const MESSAGE_TYPE_CODE: Readonly<Record<MessageType, number>> = { t: 1, d: 2, dp: 3, dl: 4 };

/** In the order of their codes. */
export const MESSAGE_TYPES: readonly MessageType[] = ['t', 'd', 'dp', 'dl'];
