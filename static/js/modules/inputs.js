// Start from a picture: drop it, paste it, or choose it; only the questions that belong to the operation are asked.
export class Inputs {
  constructor(fold) {
    this.fold = fold;
    this.picture = fold.querySelector("[name=image]");
    this.operation = fold.querySelector("[name=operation]");
    this.summary = fold.querySelector("[data-inputs-summary]");
    this.drop = fold.querySelector("[data-drop]");
    this.fold.addEventListener("change", () => this.show());
    const strength = fold.querySelector("[name=strength]");
    strength.addEventListener("input", () => {
      strength.closest(".field").querySelector(".field__aside").textContent = strength.value;
    });
    this.takeDrops(fold.closest(".panel") ?? fold);
    document.addEventListener("paste", (event) => this.take(event.clipboardData?.files, event));
    this.show();
  }

  takeDrops(area) {
    const over = (is) => this.drop.classList.toggle("is-over", is);
    area.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      over(true);
    });
    area.addEventListener("dragleave", () => over(false));
    area.addEventListener("drop", (event) => {
      over(false);
      this.take(event.dataTransfer.files, event);
    });
  }

  take(files, event) {
    const pictures = [...(files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (!pictures.length) return;
    event.preventDefault();
    const kept = new DataTransfer();
    kept.items.add(pictures[0]);
    this.picture.files = kept.files;
    this.fold.open = true;
    this.show();
  }

  show() {
    const kept = this.fold.querySelector("[name=image_id]:checked");
    const chosen = this.picture.files[0] ?? (kept && { name: "the one before" });
    const operation = this.operation.value;
    this.summary.textContent = chosen ? chosen.name : "none";
    this.ask("operation", Boolean(chosen));
    this.ask("strength", Boolean(chosen) && ["img2img", "inpaint"].includes(operation));
    this.ask("mask", Boolean(chosen) && operation === "inpaint");
  }

  ask(name, wanted) {
    this.fold.querySelector(`[name=${name}]`).closest(".field").hidden = !wanted;
  }
}
