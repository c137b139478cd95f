package dev.rung.cri;

import dev.rung.domain.KernelPath;
import dev.rung.image.layer.LayerFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** An image whose layers show what an archive of a checkpoint holds. */
final class CheckpointLayers implements CheckpointParts {
    private final LayerFiles layers;

    CheckpointLayers(LayerFiles layers) {
        this.layers = layers;
    }

    @Override
    public String named() {
        return layers.named();
    }

    @Override
    public void visit(Visitor visitor) throws IOException {
        var names = new ArrayList<>(Checkpoint.OTHERS);
        List<KernelPath> images = layers.names(KernelPath.of(IMAGES));
        if (images != null) {
            images.forEach(image -> names.add(IMAGES + "/" + image));
        }
        for (String name : names) {
            layers.read(KernelPath.of(name), (size, content) -> visitor.visit(name, size, content));
        }
    }
}
