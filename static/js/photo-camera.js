// Take a photo with the camera of a computer: outline, self-timer, picture.

const WANTED = { video: { facingMode: "user", width: { ideal: 1920 }, height: { ideal: 1440 } } };
const SHAPE = 3 / 4; // what the dialog shows of the camera's picture

/** A File with the picture, or null where none was taken. */
export async function take(dialog) {
  const find = (part) => dialog.querySelector(part);
  const [video, count, shoot] = [find("video"), find("[data-count]"), find("[data-shoot]")];
  const problem = find("[data-camera-problem]");
  const listening = new AbortController();
  const { signal } = listening;
  let stream = null;
  let photo = null;

  const closed = new Promise((done) => dialog.addEventListener("close", done, { signal }));
  find("[data-camera-close]").addEventListener("click", () => dialog.close(), { signal });
  shoot.addEventListener(
    "click",
    async () => {
      shoot.disabled = true;
      for (let left = Number(find("[data-delay]").value); left > 0 && dialog.open; left -= 1) {
        count.textContent = left;
        await new Promise((next) => setTimeout(next, 1000));
      }
      count.textContent = "";
      if (dialog.open) photo = await snap(video);
      dialog.close();
    },
    { signal },
  );

  problem.hidden = true;
  shoot.disabled = true;
  count.textContent = "";
  dialog.showModal();
  try {
    stream = await navigator.mediaDevices.getUserMedia(WANTED);
    video.srcObject = stream;
    await video.play();
    shoot.disabled = false;
    shoot.focus();
  } catch {
    problem.hidden = false; // no camera, no permission, or a page without https
  }
  await closed;
  listening.abort();
  for (const track of stream?.getTracks() ?? []) track.stop();
  video.srcObject = null;
  return photo;
}

async function snap(video) {
  const { videoWidth, videoHeight } = video;
  const width = Math.min(videoWidth, videoHeight * SHAPE);
  const height = Math.min(videoHeight, videoWidth / SHAPE);
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const [x, y] = [(videoWidth - width) / 2, (videoHeight - height) / 2];
  canvas.getContext("2d").drawImage(video, x, y, width, height, 0, 0, width, height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.95));
  return new File([blob], "camera.jpg", { type: "image/jpeg" });
}
