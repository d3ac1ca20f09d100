package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Classical models of numbers. Expected results are those of ONNX Runtime, or worked out by hand where it has none. */
class ClassicalOperatorsTest {
    /** Two trees: x0 ≤ 0 ? leaf 1 : (x1 ≤ 1 ? leaf 3 : leaf 4), and x1 ≤ 0.5 ? leaf 1 : leaf 2. */
    private static final String TREES = "nodes_treeids=[0,0,0,0,0,1,1,1] nodes_nodeids=[0,1,2,3,4,0,1,2]"
            + " nodes_featureids=[0,0,1,0,0,1,0,0] nodes_values=[0.0,0.0,1.0,0.0,0.0,0.5,0.0,0.0]"
            + " nodes_truenodeids=[1,0,3,0,0,1,0,0] nodes_falsenodeids=[2,0,4,0,0,2,0,0] ";

    private static final String MODES = "nodes_modes=[BRANCH_LEQ,LEAF,BRANCH_LEQ,LEAF,LEAF,BRANCH_LEQ,LEAF,LEAF] ";
    private static final String MIXED = "nodes_modes=[BRANCH_LT,LEAF,BRANCH_GTE,LEAF,LEAF,BRANCH_NEQ,LEAF,LEAF] ";
    private static final String TARGETS =
            "target_treeids=[0,0,0,1,1] target_nodeids=[1,3,4,1,2] target_weights=[1.0,2.0,3.0,10.0,20.0] ";
    private static final String CLASSES = "class_treeids=[0,0,0,1,1] class_nodeids=[1,3,4,1,2] ";

    static final List<String> CASES =
            NodeCase.lines("""
            ai.onnx.ml.ArrayFeatureExtractor@1 : f32[2,3] 1 2 3 4 5 6; i64[1,2] 2 0 => f32[2,2] 3 1 6 4
            ai.onnx.ml.ArrayFeatureExtractor@1 : i64[3] 1 2 3; i64[2] 1 1 => i64[1,2] 2 2
            ai.onnx.ml.Binarizer@1 threshold=1.5 : f32[4] 1 1.5 2 nan => f32[4] 0 0 1 0
            ai.onnx.ml.Binarizer@1 threshold=1.5 : i32[2] 1 2 => i32[2] 0 1
            ai.onnx.ml.FeatureVectorizer@1 : i64[2,1] 1 2; i64[2,2] 3 4 5 6 => f32[2,3] 1 3 4 2 5 6
            ai.onnx.ml.FeatureVectorizer@1 inputdimensions=[1,3] : f32[2] 1 2; f32[2] 3 4 => f32[1,4] 1 3 4 0
            ai.onnx.ml.Imputer@1 imputed_value_floats=[9.0,8.0] replaced_value_float=1.0 : f32[2,2] 1 2 3 1 => f32[2,2] 9 2 3 8
            ai.onnx.ml.Imputer@1 imputed_value_int64s=[9] replaced_value_int64=-1 : i32[2,2] 1 -1 3 1 => i32[2,2] 1 9 3 1
            ai.onnx.ml.LabelEncoder@2 keys_int64s=[1,3] values_floats=[0.5,0.25] default_float=-2.0 : i64[3] 1 2 3
             => f32[3] 0.5 -2 0.25
            ai.onnx.ml.LabelEncoder@4 keys_tensor={f64[2] 1 nan} values_tensor={i16[2] 5 6} default_tensor={i16[1] 7}
             : f64[2,2] nan 1 2 -1 => i16[2,2] 6 5 7 7
            ai.onnx.ml.LabelEncoder@4 keys_int64s=[1,1] values_int64s=[5,6] : i64[0] => i64[0]
            ai.onnx.ml.LabelEncoder@4 keys_int64s=[1,1] values_int64s=[5,6] : i64[2] 1 0 => i64[2] 5 -1
            ai.onnx.ml.Normalizer@1 : f32[3,2] 1 -4 2 4 0 0 => f32[3,2] 1 -4 0.5 1 0 0
            ai.onnx.ml.Normalizer@1 norm=L1 : i64[2,2] 1 -3 0 0 => f32[2,2] 0.25 -0.75 0 0
            ai.onnx.ml.Normalizer@1 norm=L2 : f64[2] 3 -4 => f32[2] 0.6 -0.8
            ai.onnx.ml.OneHotEncoder@1 cats_int64s=[3,5] : f32[3] 5.5 3 4 => f32[3,2] 0 1 1 0 0 0
            ai.onnx.ml.Scaler@1 offset=[1.0,2.0] scale=[0.5] : i64[2,2] 1 2 3 6 => f32[2,2] 0 0 1 2
            ai.onnx.ml.Scaler@1 : f64[1] 3 => f32[1] 3
            ai.onnx.ml.LinearRegressor@1 coefficients=[0.5,0.25,1.0,-1.0] intercepts=[1.0,2.0] targets=2 : f32[2,2] 2 4 0 8
             => f32[2,2] 3 0 3 -6
            ai.onnx.ml.LinearRegressor@1 coefficients=[0.5,0.25] post_transform=LOGISTIC : i32[2] 2 4 => f32[1,1] 2
            ai.onnx.ml.LinearRegressor@1 coefficients=[1.0] post_transform=PROBIT : f32[1,1] 0.5 => f32[1,1] 0
            ai.onnx.ml.LinearRegressor@1 coefficients=[1.0,0.0] targets=2 post_transform=SOFTMAX_ZERO : f32[1,1] 2 => f32[1,2] 1 0
            ai.onnx.ml.LinearClassifier@1 coefficients=[1.0,0.0,0.0,1.0] classlabels_ints=[3,7] : f32[2,2] 2 4 5 1
             => i64[2] 7 3; f32[2,2] 2 4 5 1
            ai.onnx.ml.LinearClassifier@1 coefficients=[1.0] classlabels_ints=[3,7] : f32[2,1] 0.25 -1
             => i64[2] 7 3; f32[2,2] 0.75 0.25 2 -1
            ai.onnx.ml.LinearClassifier@1 coefficients=[1.0] classlabels_ints=[3,7] post_transform=LOGISTIC : f32[1,1] 0
             => i64[1] 3; f32[1,2] 0.5 0.5
            ai.onnx.ml.SVMRegressor@1 n_supports=2 support_vectors=[1.0,0.0,0.0,2.0] coefficients=[0.5,0.25] rho=[1.0]
             : f32[1,2] 4 3 => f32[1,1] 4.5
            ai.onnx.ml.SVMRegressor@1 kernel_type=POLY kernel_params=[0.5,1.0,2.0] coefficients=[1.0,2.0] rho=[1.0]
             : f32[1,2] 4 3 => f32[1,1] 37
            ai.onnx.ml.SVMRegressor@1 kernel_type=RBF kernel_params=[0.5,0.0,0.0] n_supports=1 support_vectors=[1.0,2.0]
             coefficients=[2.0] one_class=1 rho=[-1.5] : i64[2,2] 1 2 3 2 => f32[2,1] 1 -1
            ai.onnx.ml.SVMRegressor@1 kernel_type=SIGMOID kernel_params=[0.5,-5.0,0.0] coefficients=[1.0,2.0] : f64[1,2] 4 3
             => f32[1,1] 0
            TREES MODES TARGETS target_ids=[0,0,0,0,0] n_targets=1 base_values=[0.5] : f32[4,2] 1 2 -1 0.5 0.25 -0.5 nan 1
             => f32[4,1] 23.5 11.5 12.5 22.5
            TREES MODES TARGETS target_ids=[0,0,0,0,0] n_targets=1 aggregate_function=AVERAGE : f32[1,2] 1 2 => f32[1,1] 11.5
            TREES MODES TARGETS target_ids=[0,1,0,1,0] n_targets=2 aggregate_function=MIN : f64[2,2] 1 2 0.25 -0.5
             => f32[2,2] 3 0 0 2
            TREES MODES TARGETS target_ids=[0,1,0,1,0] n_targets=2 aggregate_function=MAX : f32[2,2] 1 2 0.25 -0.5
             => f32[2,2] 20 0 0 10
            TREES MIXED TARGETS target_ids=[0,0,0,0,0] n_targets=1 : i64[3,2] 1 2 -1 0 0 0 => f32[3,1] 12 11 13
            TREES MODES TARGETS nodes_missing_value_tracks_true=[1,0,0,0,0,0,0,0] target_ids=[0,0,0,0,0] n_targets=1
             : f32[1,2] nan 1 => f32[1,1] 21
            FOREST MODES CLASSES class_ids=[0,1,0,1,2] class_weights=[0.5,-0.25,0.25,-0.5,1.0] classlabels_int64s=[5,6,7]
             : f32[2,2] 1 2 -1 0.5 => i64[2] 7 5; f32[2,3] 0.25 0 1 0.5 -0.5 0
            FOREST MODES CLASSES class_ids=[0,0,0,0,0] class_weights=[0.5,0.25,0.25,0.25,1.0] classlabels_int64s=[5,6]
             : f32[2,2] 1 2 0.25 0.5 => i64[2] 6 5; f32[2,2] -0.25 1.25 0.5 0.5
            FOREST MODES CLASSES class_ids=[0,0,0,0,0] class_weights=[0.5,-0.25,0.25,0.25,1.0] classlabels_int64s=[5,6]
             : f32[2,2] 1 2 0.25 0.5 => i64[2] 6 5; f32[2,2] -1.25 1.25 0 0
            FOREST MODES CLASSES class_ids=[1,1,1,1,1] class_weights=[0.5,-0.25,0.25,0.25,1.0] classlabels_int64s=[5,6]
             : i32[1,2] 1 2 => i64[1] 6; f32[1,2] 0 1.25
            ai.onnx.ml.TreeEnsemble@5 n_targets=2 tree_roots=[0] nodes_modes={u8[2] 0 6} nodes_featureids=[0,0]
             nodes_splits={f32[2] 3 0} membership_values={f32[3] 5 7 nan} nodes_truenodeids=[0,1] nodes_trueleafs=[1,1]
             nodes_falsenodeids=[1,2] nodes_falseleafs=[0,1] leaf_targetids=[0,1,0] leaf_weights={f32[3] 1 2 4}
             : f32[4,1] 3 5 6 7 => f32[4,2] 1 0 0 2 4 0 0 2
            TfIdfVectorizer@9 mode=TF max_skip_count=1 min_gram_length=1 max_gram_length=2 ngram_counts=[0,2] ngram_indexes=[0,2,1]
             pool_int64s=[1,2,1,2] : i32[2,4] 1 2 1 2 1 1 2 3 => f32[2,3] 2 2 2 2 2 1
            TfIdfVectorizer@9 mode=TFIDF max_skip_count=0 min_gram_length=2 max_gram_length=2 ngram_counts=[0,2]
             ngram_indexes=[0,2,1] pool_int64s=[1,2,1,2] weights=[1.0,1.0,0.5] : i64[4] 1 2 1 2 => f32[3] 0 1 0
            TfIdfVectorizer@9 mode=IDF max_skip_count=5 min_gram_length=2 max_gram_length=2 ngram_counts=[0,0] ngram_indexes=[0]
             pool_int64s=[1,2] : i64[1,3] 1 2 2 => f32[1,1] 1
            """.replace("TREES MO", "ai.onnx.ml.TreeEnsembleRegressor@3 TREES MO")
                    .replace("TREES MI", "ai.onnx.ml.TreeEnsembleRegressor@3 TREES MI")
                    .replace("FOREST", "ai.onnx.ml.TreeEnsembleClassifier@3 TREES")
                    .replace("TREES ", TREES)
                    .replace("MODES ", MODES)
                    .replace("MIXED ", MIXED)
                    .replace("TARGETS ", TARGETS)
                    .replace("CLASSES ", CLASSES));

    static final List<String> FAULTS = NodeCase.lines("""
            ai.onnx.ml.LabelEncoder@2 keys_strings=[a] values_int64s=[1] : i64[1] 1 => !has no keys of numbers
            ai.onnx.ml.LabelEncoder@2 keys_int64s=[1,2] values_int64s=[1] : i64[1] 1 => !has 2 keys and 1 values
            ai.onnx.ml.OneHotEncoder@1 cats_strings=[a] : i64[1] 1 => !categories of text are not supported
            ai.onnx.ml.LinearClassifier@1 coefficients=[1.0] classlabels_strings=[a,b] : f32[1,1] 1 => !labels of text are not supported
            ai.onnx.ml.LinearRegressor@1 coefficients=[1.0] : f32[1,2] 1 2 => !has 1 coefficients for 1 outputs of 2 features
            ai.onnx.ml.LinearRegressor@1 coefficients=[1.0] targets=2 post_transform=HARD : f32[1,0] => !has 1 coefficients
            ai.onnx.ml.Scaler@1 offset=[1.0,2.0] : f32[1,3] 1 2 3 => !has 2 numbers for the features of f32[1,3]
            ai.onnx.ml.Imputer@1 : f32[1,3] 1 2 3 => !has no values to put in place of 0.0
            ai.onnx.ml.Normalizer@1 norm=L3 : f32[1,3] 1 2 3 => !there are MAX, L1 and L2
            ai.onnx.ml.SVMRegressor@1 kernel_type=CUBE coefficients=[1.0] : f32[1,1] 1 => !there are LINEAR, POLY, RBF and SIGMOID
            ai.onnx.ml.TreeEnsembleRegressor@3 nodes_treeids=[0] nodes_nodeids=[0] nodes_modes=[BRANCH_LEQ] nodes_values=[1.0]
             nodes_featureids=[0] nodes_truenodeids=[0] nodes_falsenodeids=[0] : f32[1,1] 1 => !one is reached twice
            ai.onnx.ml.TreeEnsembleRegressor@3 nodes_treeids=[0] nodes_nodeids=[0] nodes_modes=[BRANCH_LEQ] nodes_values=[1.0]
             nodes_featureids=[0] nodes_truenodeids=[1] nodes_falsenodeids=[2] : f32[1,1] 1 => !tree 0 has no node
            ai.onnx.ml.TreeEnsembleRegressor@3 : f32[1,1] 1 => !has no trees
            TfIdfVectorizer@9 mode=TF max_skip_count=0 min_gram_length=1 max_gram_length=1 ngram_counts=[0] ngram_indexes=[0]
             pool_strings=[a] : i64[1] 1 => !sequences of texts are not supported
            """);

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }

    @ParameterizedTest
    @FieldSource("FAULTS")
    void isRefused(String line) {
        NodeCase.parse(line).checkRefusal();
    }
}
