export { checkedName, MAX_NAME_BYTES } from './checked-name.js';
export { type KeyBuilder, type KeyBuilderOptions, keyBuilder, type NamedId } from './key-builder.js';
