// What a devnet's page has besides the choice of a node, which app.js offers: nothing yet.

/**
 * Called once, when the page is a devnet's, with an object of:
 * element, an empty section below the view, hidden until something is in it;
 * nodes, [{ name, peerId, listen, api }];
 * choose, which shows the page as the node with this api sees it.
 */
export function start() {}
