// What a device keeps: the draft of each link, and what was signed and waits to be sent. It lies in IndexedDB.
const opened = new Promise((done, failed) => {
  const asked = indexedDB.open("volenti-signing", 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore("drafts");
    asked.result.createObjectStore("waiting", { keyPath: "key" });
  };
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => failed(asked.error);
});

async function run(store, mode, work) {
  const transaction = (await opened).transaction(store, mode, { durability: "strict" });
  const asked = work(transaction.objectStore(store));
  return new Promise((done, failed) => {
    transaction.oncomplete = () => done(asked?.result);
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}

export const keepDraft = (path, draft) => run("drafts", "readwrite", (all) => all.put(draft, path));
export const draftOf = (path) => run("drafts", "readonly", (all) => all.get(path));
export const dropDraft = (path) => run("drafts", "readwrite", (all) => all.delete(path));
export const waiting = () => run("waiting", "readonly", (all) => all.getAll());
export const keepWaiting = (item) => run("waiting", "readwrite", (all) => all.put(item));
export const dropWaiting = (key) => run("waiting", "readwrite", (all) => all.delete(key));

// What was signed is kept, and its draft dropped, in one step: a browser that is closed in the middle has one of both.
export async function signed(path, item) {
  const transaction = (await opened).transaction(["drafts", "waiting"], "readwrite", { durability: "strict" });
  transaction.objectStore("waiting").put(item);
  transaction.objectStore("drafts").delete(path);
  return new Promise((done, failed) => {
    transaction.oncomplete = () => done();
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}
