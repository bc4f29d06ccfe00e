// Run through with-node.mjs to install the dependencies and nothing else.
console.error(`Ready: Node ${process.version}.`);
