/* The proxy has its place with the other servers of one's own; tests find it here. */
export { startTcpProxy, type TcpProxy } from '../../scripts/support/tcp-proxy.js';
