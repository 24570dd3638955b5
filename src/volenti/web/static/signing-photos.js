// Photographs: made smaller on the device, without place and camera that the file may name, shown, and looked at
// by the server where there is a network. There it is only looked at; it is kept when it was signed.
const SIDE_MAX = 1600, MOST = 3;

export class Photos {
  constructor(place, path, words, changed) {
    Object.assign(this, { place, path, words, changed, all: [] });
  }

  async add(file) {
    if (this.all.length >= MOST) return this.show(this.words.enough);
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, SIDE_MAX / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
      this.all.push({ blob, canvas, verdict: "" });
    } catch {
      this.show(this.words.broken);
      return;
    }
    this.show();
    this.changed();
    await this.look(this.all.at(-1));
  }

  async restore(blobs) {
    for (const blob of blobs) {
      const picture = await createImageBitmap(blob);
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [picture.width, picture.height];
      canvas.getContext("2d").drawImage(picture, 0, 0);
      this.all.push({ blob, canvas, verdict: "" });
    }
    this.show();
    for (const each of this.all) await this.look(each);
  }

  async look(photo) {
    photo.said = this.words.checking;
    this.show();
    try {
      const body = new FormData();
      const form = document.querySelector("form.ceremony [name=form]");
      if (form) body.set("form", form.value);
      body.set("photo", photo.blob, "photo.jpg");
      const answer = await fetch(`${this.path}/photo`, { method: "POST", body });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("p");
      photo.said = page.textContent.trim();
      photo.verdict = page.className;
      photo.grave = page.dataset.grave === "yes";
    } catch {
      photo.said = this.words.unchecked;
    }
    this.show();
  }

  get blobs() {
    return this.all.filter((each) => !each.grave).map((each) => each.blob);
  }

  show(problem = "") {
    this.place.replaceChildren();
    for (const photo of this.all) {
      const figure = document.createElement("figure");
      const said = document.createElement("figcaption");
      const told = document.createElement("p");
      const away = document.createElement("button");
      photo.canvas.setAttribute("role", "img");
      photo.canvas.setAttribute("aria-label", this.words.photo);
      told.textContent = photo.said ?? "";
      told.className = photo.verdict;
      told.setAttribute("role", "status");
      away.type = "button";
      away.textContent = this.words.remove;
      away.addEventListener("click", () => {
        this.all = this.all.filter((each) => each !== photo);
        this.show();
        this.changed();
      });
      said.append(told, away);
      figure.append(photo.canvas, said);
      this.place.append(figure);
    }
    if (problem) {
      const told = document.createElement("p");
      told.className = "bad";
      told.setAttribute("role", "status");
      told.textContent = problem;
      this.place.append(told);
    }
    this.place.hidden = !this.all.length && !problem;
    const none = document.querySelector("[data-photo-none]");
    if (none) none.hidden = this.all.length > 0; // A session that doesn't ask for measurements has no photographs.
  }
}
