// Whether this node takes writes: the container's health. On the way there, at the first start, it makes the replica set, its
// administrator and the user of Unistatus. MongoDB lets nobody do that but who comes from its own machine, and only until
// there is a first user.

const { MONGO_ROOT_USER, MONGO_ROOT_PASSWORD, MONGO_USER, MONGO_PASSWORD, MONGO_DATABASES } = process.env;
const admin = db.getSiblingDB("admin");

/** Whether we are the administrator now. */
function logIn() {
  try {
    return admin.auth(MONGO_ROOT_USER, MONGO_ROOT_PASSWORD).ok === 1;
  } catch {
    return false;
  }
}

/** Waits, for ten seconds at the most, until this node was elected. */
function waitForElection() {
  for (let tries = 0; tries < 50 && !db.hello().isWritablePrimary; tries += 1) {
    sleep(200);
  }
}

const isLoggedIn = logIn();
if (db.hello().setName === undefined) {
  rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongo:27017" }] });
  waitForElection();
}
if (!db.hello().isWritablePrimary) {
  print("this node is not the primary");
  quit(1);
}
if (!isLoggedIn) {
  admin.createUser({ user: MONGO_ROOT_USER, pwd: MONGO_ROOT_PASSWORD, roles: ["root"] });
  logIn();
}
if (admin.getUser(MONGO_USER) === null) {
  // Its own databases and no others: to read, write and watch, and to make collections and indexes.
  const roles = MONGO_DATABASES.split(",").flatMap((name) => [
    { role: "readWrite", db: name },
    { role: "dbAdmin", db: name },
  ]);
  admin.createUser({ user: MONGO_USER, pwd: MONGO_PASSWORD, roles });
}
